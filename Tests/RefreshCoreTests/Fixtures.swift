import RefreshCore
import Testing

/// A small shop: two queries in one region, one in another, and a region with none.
enum Shop {
    static let registry = Registry(
        regions: [
            region("items", "items:"), region("pages", "pages:"), region("search", "search:"),
        ],
        queries: [
            query("item", "items", "{id}", ["id"]), query("front", "items", "front", []),
            query("page", "pages", "{slug}", ["slug"]),
        ],
        channels: [])
    static let catalogue = Catalogue(registry)
    static let items = RegionID(0)
    static let pages = RegionID(1)
    static let item = QueryID(0)
    static let front = QueryID(1)
    static let page = QueryID(2)

    static func region(_ name: String, _ prefix: String) -> Region {
        Region(name: RegionName(name), prefix: prefix, ttlMilliseconds: nil, format: .json, onGap: .refresh)
    }

    static func query(_ name: String, _ region: String, _ key: String, _ parameters: [String]) -> Query {
        guard let template = try? KeyTemplate(key) else { fatalError("bad template \(key)") }
        return Query(
            name: QueryName(name), region: RegionName(region), key: template, parameters: parameters,
            sql: "SELECT 1", result: .row, missing: .delete, warm: nil)
    }

    static func queue(bytes: Int = 1 << 20, workers: Int = 2) -> RefreshQueue {
        var queue = RefreshQueue(limits: .init(bytes: bytes, workers: workers), seed: 7)
        queue.adopt(catalogue)
        // Batches are as large as the number of their keys allows; their bytes are for `BatchSizeTests`.
        queue.limits.batchBytes = 1 << 40
        return queue
    }
}

extension RefreshQueue {
    mutating func item(_ key: String, event: EventID? = nil, at now: Moment = .zero) {
        refresh(Shop.item, key: Bytes(key), parameters: Bytes(key), event: event, at: now)
    }

    mutating func message(at now: Moment = .zero) -> EventID? {
        begin(Event(purpose: .messages(ChannelID(0)), payload: Bytes("p"), sequence: 1, seen: now))
    }
}

extension Moment {
    static let zero = Moment(nanoseconds: 0)
    static func second(_ count: Int64) -> Moment { .zero + .seconds(count) }
}

extension Batch {
    var keys: [String] { items.map(\.key.description) }
}

/// A repeatable source of random numbers.
struct Dice: RandomNumberGenerator {
    private var state: UInt64
    init(seed: UInt64) { state = seed &* 2 | 1 }
    mutating func next() -> UInt64 {
        state ^= state << 13
        state ^= state >> 7
        state ^= state << 17
        return state &* 0x2545_F491_4F6C_DD1D
    }
}

/// `#expect` for what changes a value: the macro can not call a mutating method.
func check(_ holds: Bool, _ comment: Comment? = nil, at place: SourceLocation = #_sourceLocation) {
    #expect(holds, comment, sourceLocation: place)
}

extension Optional {
    /// `#require` for what a mutating method returned.
    func orThrow(at place: SourceLocation = #_sourceLocation) throws -> Wrapped {
        try #require(self, sourceLocation: place)
    }
}
