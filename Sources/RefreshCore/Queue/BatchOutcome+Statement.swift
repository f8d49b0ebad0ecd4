/// What helps after a statement has failed, as far as the database's client can tell.
public enum StatementRemedy: Sendable, CaseIterable {
    /// Another connection: this one is gone.
    case reconnect
    /// The same again, later.
    case retry
    /// The statement prepared anew: the server's idea of it has changed.
    case prepareAgain
    /// Another configuration, or other rights.
    case configuration
    /// Nothing that this side could do: the server refuses it.
    case park
}

extension BatchOutcome {
    /// What a failed statement means for its batch.
    ///
    /// - Faults that one key's parameters or rows may have caused halve the batch down to that key.
    /// - Faults of the statement itself pause the query: no key of it could be refreshed.
    /// - Faults of the connection or the moment leave the batch as it is.
    /// - Parameter hasTimedOut: whether it was ended by a deadline, the server's or the client's.
    public init(of fault: RefreshFault, remedy: StatementRemedy, hasTimedOut: Bool) {
        if hasTimedOut || fault.sqlState == "57014" {
            self = .timedOut(fault)
            return
        }
        switch remedy {
        case .reconnect: self = .interrupted
        // Repeated at once it might spin; the halves find out whether one key is behind it.
        case .retry: self = .timedOut(fault)
        case .prepareAgain, .configuration: self = .broken(fault)
        case .park: self = Self.isOfTheStatement(fault.sqlState) ? .broken(fault) : .failed(fault)
        }
    }

    /// Whether one key's parameters or rows may be behind it, and the others be well.
    public var mayBeOfOneKey: Bool {
        switch self {
        case .failed, .timedOut: true
        case .stored, .interrupted, .broken: false
        }
    }

    /// Classes of errors that do not depend on the values: syntax, names, rights, features, transaction state.
    private static func isOfTheStatement(_ state: String?) -> Bool {
        guard let state else { return false }
        return ["0A", "25", "42"].contains(state.prefix(2))
    }
}
