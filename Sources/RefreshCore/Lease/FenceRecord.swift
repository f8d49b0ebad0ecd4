/// What this instance knows of the fence: the token that it raised it to, and on which server.
public struct FenceRecord: Sendable {
    /// What raising the fence means.
    public enum Raised: Sendable, Equatable {
        /// It holds what this instance wrote there before: nobody else wrote meanwhile.
        case same
        /// It held something else: what was written before may be gone, or be another's.
        case lost
        /// It is higher than the token: nothing may be written.
        case refused
    }

    /// The token that the fence was last raised to; empty before the first.
    public private(set) var token = ""
    private var server = ""

    /// Knows nothing yet.
    public init() {}

    /// The fence was raised to `fresh` on a server.
    ///
    /// - Parameters:
    ///   - replaced: what it held before, empty if nothing; nil when it is higher than `fresh`.
    ///   - server: what tells one run of a server from another.
    public mutating func raised(to fresh: String, replacing replaced: String?, on server: String) -> Raised {
        guard let replaced else { return .refused }
        defer {
            token = fresh
            self.server = server
        }
        return replaced == token && server == self.server ? .same : .lost
    }
}
