import RefreshCore

/// What is registered in every simulation: eight rows, a key each and a key of them all, in two regions; and parts,
/// each of which is used by some items, as a resolver finds out.
enum Site {
    /// Rows 0 to 4 are items, 5 to 7 pages; key 8 is the front page, made of all items.
    static let rows = 8
    static let items = 5
    static let front = 8
    static let keys = 9
    /// What follows are names that the resolver's entries have in the queue, one for each part; none is ever stored.
    static let parts = 3

    static let regions = [region("items", "items:"), region("pages", "pages:")]
    static let catalogue = Catalogue(
        Registry(
            regions: regions,
            queries: [
                query("item", "items", "{id}", ["id"]), query("front", "items", "front", []),
                query("page", "pages", "{slug}", ["slug"]),
                query("items_of_part", "items", "\u{0}items_of_part:{part}", ["part"], target: QueryName("item")),
            ], channels: []))
    static let item = QueryID(0)
    static let resolver = QueryID(3)

    static func region(of key: Int) -> RegionID { RegionID(key < items || key >= front ? 0 : 1) }
    static func query(of key: Int) -> QueryID { QueryID(key == front ? 1 : key < items ? 0 : 2) }
    static let names: [Bytes] = (0..<keys + parts).map {
        Bytes($0 == front ? "front" : $0 < front ? "\($0)" : "\u{0}items_of_part:\($0 - keys)")
    }
    static let numbers = Dictionary(uniqueKeysWithValues: names.enumerated().map { ($1, $0) })
    static func parameters(of key: Int) -> Bytes { key == front ? .empty : names[key] }
    static func keys(of region: RegionID) -> [Int] { (0..<keys).filter { Self.region(of: $0) == region } }

    /// The name by which a part waits for the resolver.
    static func name(ofPart part: Int) -> Bytes { names[keys + part] }

    private static func region(_ name: String, _ prefix: String) -> Region {
        Region(name: RegionName(name), prefix: prefix, ttlMilliseconds: nil, format: .json, onGap: .refresh)
    }

    private static func query(
        _ name: String, _ region: String, _ key: String, _ parameters: [String], target: QueryName? = nil
    ) -> Query {
        guard let template = try? KeyTemplate(key) else { preconditionFailure("bad template") }
        return Query(
            name: QueryName(name), region: RegionName(region), key: template, parameters: parameters,
            sql: "SELECT 1", result: .row, missing: .delete, warm: "SELECT 1", target: target)
    }
}
