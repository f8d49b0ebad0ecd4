/// What to do about a failure.
public enum RedisDisposition: Sendable {
    /// The server will accept it later: keep the connection and what is to be written, and back off.
    case wait
    /// Connect again, perhaps to another server, with backoff; repeat only with a new fence token.
    case reconnect
    /// The server lost what it was given: give it again (`load`), and check whether the data is gone too.
    case resync
    /// Repeating does not help: tell the operator.
    case report
}

extension RedisError {
    /// What to do about it.
    public var disposition: RedisDisposition {
        switch code {
        case .connectionFailed, .connectionLost, .timedOut, .protocolError, .closed: .reconnect
        case .badURL, .cancelled, .malformedCommand, .unexpectedReply: .report
        case .server: kind?.disposition ?? .report
        }
    }
}

extension ServerErrorKind {
    /// What to do about it.
    public var disposition: RedisDisposition {
        switch self {
        case .loading, .busy, .misconf, .outOfMemory, .masterDown, .noReplicas, .clusterDown, .tryAgain, .maxClients:
            .wait
        case .readOnly: .reconnect
        case .noScript: .resync
        case .moved, .ask, .crossSlot, .noAuth, .wrongPass, .noPasswordSet, .noPerm, .wrongType, .badDatabase, .unknown:
            .report
        }
    }

    /// What happened and what to do, as the rest of a sentence that begins with the server.
    var advice: String {
        switch self {
        case .loading: "is loading its data from disk (LOADING); wait until it has."
        case .busy: "is held by a long-running script (BUSY); wait, or end it with SCRIPT KILL."
        case .readOnly: "is a read-only replica (READONLY); connect to the primary."
        case .misconf: "refuses writes because its snapshots fail (MISCONF); make room for them or repair their folder."
        case .outOfMemory: "has reached maxmemory (OOM); raise it or set an eviction policy."
        case .masterDown: "is a replica that lost its primary (MASTERDOWN); connect to the primary."
        case .clusterDown: "is part of a cluster that is down (CLUSTERDOWN); repair the cluster."
        case .noReplicas: "has too few replicas to accept writes (NOREPLICAS); see min-replicas-to-write."
        case .tryAgain: "is moving a cluster slot (TRYAGAIN); wait until it has."
        case .maxClients: "accepts no more clients; raise maxclients or close others."
        case .moved, .ask, .crossSlot:
            "is part of a cluster (\(rawValue)), which is not supported; use a single primary."
        case .noAuth: "wants a password (NOAUTH); configure one."
        case .wrongPass: "refused the user or the password (WRONGPASS); correct the credential."
        case .noPasswordSet: "has no password for this user, but one is configured; remove it or name the user."
        case .noPerm: "does not permit a command or key to this user (NOPERM); extend its ACL."
        case .noScript: "no longer holds a script (NOSCRIPT); it must be loaded again."
        case .wrongType: "holds another type of value under a key (WRONGTYPE); another program writes the same keys."
        case .badDatabase: "does not have the configured database; use a smaller number."
        case .unknown: "refused a command."
        }
    }
}
