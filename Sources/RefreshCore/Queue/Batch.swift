/// Many keys of one query, done by one statement and one write; or many keys of one region to delete.
public struct Batch: Sendable {
    /// What is done with the keys.
    public enum Work: Sendable, Hashable {
        case refresh(QueryID)
        case delete(RegionID)
        /// Keys of several queries are read in one snapshot and change together.
        case together
        /// A nonce goes through worker and Redis, to show that both work; there are no keys.
        case canary(UInt64)
    }

    /// One key of a batch.
    public struct Item: Sendable {
        let entry: Int32
        /// Somebody waits for the key, whether it is in the cache or not.
        public var isWanted = false
        /// The key without its region's prefix.
        public let key: Bytes
        /// The parameters, one after the other with a zero byte between them.
        public let parameters: Bytes
        /// When the first event came that this refresh answers.
        public let since: Moment
    }

    /// The items of one query, in a batch of several.
    public struct Part: Sendable, Equatable {
        /// What refreshes them.
        public let query: QueryID
        /// Where they are.
        public let places: Range<Int>
    }

    /// Names the batch among those that run.
    public let number: UInt64
    /// What is done with its keys.
    public let work: Work
    /// The region of its keys.
    public let region: RegionID
    /// Its keys, in the order of their results.
    public let items: [Item]
    /// When it was handed out.
    public let started: Moment
    /// The items by query, of a batch that is `together`.
    public var parts: [Part] = []
}

/// How a batch ended.
public enum BatchOutcome: Sendable {
    /// Every item is stored, but those at the named places, which failed by a fault of their own; what is contested is
    /// stored too, and runs again.
    case stored(except: [(place: Int, fault: RefreshFault)], contested: Contested = .none)
    /// Nothing is known to be stored, by no fault of the batch: it runs again as it is.
    case interrupted
    /// The statement failed with an error that one key may have caused: the halves run apart.
    case failed(RefreshFault)
    /// The statement can not run at all, whatever the key: the query pauses.
    case broken(RefreshFault)
    /// The statement ran out of time: smaller batches, after a pause.
    case timedOut(RefreshFault)
}
