/// What an owner writes into Redis behind the fence at each heartbeat, for those who stand by.
public struct OwnerWord: Sendable, Equatable {
    /// The token that it wrote with.
    public var token: String
    /// Everything that it heard before this nonce is stored.
    public var nonce: Nonce
    /// The prefixes of regions with keys that can not be refreshed now.
    public var failing: [String]

    /// Makes a word of its parts.
    public init(token: String, nonce: Nonce, failing: [String]) {
        self.token = token
        self.nonce = nonce
        self.failing = failing
    }

    /// Token, nonce and each prefix on a line of its own.
    public var text: String { ([token, nonce.text] + failing).joined(separator: "\n") }

    /// Reads what `text` gave; nil for anything else.
    public init?(_ text: String) {
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        guard lines.count >= 2, let nonce = Nonce(lines[1]) else { return nil }
        self.init(token: lines[0], nonce: nonce, failing: Array(lines[2...]))
    }
}
