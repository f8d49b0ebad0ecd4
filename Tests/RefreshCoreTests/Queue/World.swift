import RefreshCore

/// Something happened in a random walk that must never happen.
struct Violation: Error, CustomStringConvertible {
    let description: String
    init(_ description: String) { self.description = description }
}

func demand(_ holds: Bool, _ text: @autoclosure () -> String) throws(Violation) {
    if !holds { throw Violation(text()) }
}

/// A database and a cache of versions, and what may be told of every key: the naive picture of the walk.
struct World {
    struct Key {
        let region: RegionID
        let bytes: Bytes
        /// The queries that make it, with the parameters they make it of; none in a region without queries.
        let queries: [(id: QueryID, parameters: Bytes)]
    }

    static let keys: [Key] =
        (0..<7).map { id in
            let name = Bytes("i\(id)")
            return Key(region: Shop.items, bytes: name, queries: [(Shop.item, name)])
        } + [
            Key(
                region: Shop.items, bytes: Bytes("front"), queries: [(Shop.front, .empty), (Shop.item, Bytes("front"))])
        ]
        + (0..<4).map { id in
            let name = Bytes("p\(id)")
            return Key(region: Shop.pages, bytes: name, queries: [(Shop.page, name)])
        } + (0..<2).map { id in Key(region: RegionID(2), bytes: Bytes("s\(id)"), queries: []) }

    static let numbers: [Bytes: Int] = Dictionary(uniqueKeysWithValues: keys.indices.map { (keys[$0].bytes, $0) })
    static let ofRegion: [[Int]] = (0..<3).map { region in keys.indices.filter { keys[$0].region.index == region } }

    /// The version of each key's row, and the one that is cached.
    var database = Array(repeating: 1, count: keys.count)
    var cache: [Int?] = Array(repeating: nil, count: keys.count)
    /// The newest version that the cache is known to be as new as.
    private(set) var settled = Array(repeating: 0, count: keys.count)
    /// The oldest version that may be written, and the version that the last invalidation was about.
    private var floor = Array(repeating: 0, count: keys.count)
    private var invalidated = Array(repeating: 0, count: keys.count)
    /// Keys that an event asked to be refreshed, and that nothing may have taken away since.
    var mustExist = Array(repeating: false, count: keys.count)
    /// Keys that failed alone since they were stored: no pass waits for them.
    var failing: Set<Int> = []
    private var version = 1

    mutating func bump(_ key: Int) {
        version += 1
        database[key] = version
    }

    mutating func invalidate(_ key: Int) {
        invalidated[key] = database[key]
        mustExist[key] = false
    }

    mutating func write(_ key: Int, _ value: Int) throws(Violation) {
        try demand(value >= floor[key], "\(Self.keys[key].bytes): \(value) was written over \(floor[key])")
        floor[key] = value
        cache[key] = value
        settled[key] = max(settled[key], value)
    }

    mutating func delete(_ key: Int) {
        floor[key] = max(floor[key], invalidated[key])
        cache[key] = nil
        settled[key] = database[key]
    }
}
