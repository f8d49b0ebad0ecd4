/// What an error that the server answered with means, by its prefix, or by its text where it has none.
public enum ServerErrorKind: String, Sendable, CaseIterable {
    /// The server reads its data from disk.
    case loading = "LOADING"
    /// A script runs longer than `busy-reply-threshold`.
    case busy = "BUSY"
    /// The server is, or became, a replica.
    case readOnly = "READONLY"
    /// The last snapshot failed and `stop-writes-on-bgsave-error` is set.
    case misconf = "MISCONF"
    /// `maxmemory` is reached and nothing may be evicted.
    case outOfMemory = "OOM"
    /// A replica without its primary, which may not serve stale data.
    case masterDown = "MASTERDOWN"
    /// A cluster that does not cover all slots.
    case clusterDown = "CLUSTERDOWN"
    /// Fewer replicas than `min-replicas-to-write`.
    case noReplicas = "NOREPLICAS"
    /// A cluster slot on its way to another node.
    case tryAgain = "TRYAGAIN"
    /// `maxclients` is reached.
    case maxClients = "MAXCLIENTS"
    /// A cluster slot of another node; clusters are not supported.
    case moved = "MOVED"
    /// A cluster slot that is moving to another node; clusters are not supported.
    case ask = "ASK"
    /// Keys of different cluster slots; clusters are not supported.
    case crossSlot = "CROSSSLOT"
    /// The server wants a password.
    case noAuth = "NOAUTH"
    /// The server refused the user or the password.
    case wrongPass = "WRONGPASS"
    /// A password was given to a server that has none.
    case noPasswordSet = "NOPASSWORDSET"
    /// The user may not do this, directly or inside a script.
    case noPerm = "NOPERM"
    /// The server does not hold the script.
    case noScript = "NOSCRIPT"
    /// A key holds another type of value.
    case wrongType = "WRONGTYPE"
    /// The database number is above what the server has.
    case badDatabase = "BADDATABASE"
    /// Anything else.
    case unknown = "ERR"

    /// Classifies the text of an error reply, without its leading `-`.
    ///
    /// An error raised inside a script keeps its prefix since Redis 7; before, it arrives as `ERR` with the prefix
    /// further on, and a refusal by ACL has no prefix at all in any version: both are found in the text.
    public init(serverText text: String) {
        let words = text.split(whereSeparator: { $0 == " " || $0 == "\r" || $0 == "\n" })
        guard let first = words.first else {
            self = .unknown
            return
        }
        if first != "ERR" {
            self = ServerErrorKind(prefix: first) ?? .unknown
        } else {
            self = Self.phrase(in: text) ?? Self.raisedInScript(words) ?? .unknown
        }
    }

    private init?(prefix: Substring) {
        // Words that are ours and that no server sends as a prefix.
        switch prefix {
        case "NOPASSWORDSET", "BADDATABASE", "MAXCLIENTS", "ERR": return nil
        default: self.init(rawValue: String(prefix))
        }
    }

    private static func phrase(in text: String) -> ServerErrorKind? {
        for (phrase, kind) in phrases where text.hasPrefix(phrase) { return kind }
        return nil
    }

    private static let phrases: [(String, ServerErrorKind)] = [
        ("ERR The user executing the script can't", .noPerm),
        ("ERR ACL failure in script", .noPerm),
        ("ERR Client sent AUTH, but no password is set", .noPasswordSet),
        ("ERR AUTH <password> called without any password", .noPasswordSet),
        ("ERR invalid password", .wrongPass),
        ("ERR max number of clients", .maxClients),
        ("ERR DB index is out of range", .badDatabase),
        ("ERR invalid DB index", .badDatabase),
        ("ERR SELECT is not allowed in cluster mode", .badDatabase),
    ]

    /// `ERR Error running script (call to f_…): @user_script:1: @user_script: 1: -OOM command not allowed …`.
    private static func raisedInScript(_ words: [Substring]) -> ServerErrorKind? {
        guard words.contains(where: { $0.contains("user_script") || $0 == "script:" }) else { return nil }
        if words.contains(where: { $0.hasPrefix("ACL") }) { return .noPerm }
        var afterPlace = false
        for word in words.dropFirst() {
            let dashed = word.first == "-"
            if dashed || afterPlace, let kind = ServerErrorKind(prefix: dashed ? word.dropFirst() : word) {
                return kind
            }
            afterPlace = word.last == ":"
        }
        return nil
    }
}
