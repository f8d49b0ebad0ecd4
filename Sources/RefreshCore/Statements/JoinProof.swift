/// Reads in a plan whether Postgres has proven that a join returns no row twice.
public enum JoinProof {
    /// Whether every join of a plan, as `EXPLAIN (VERBOSE)` prints it, finds at most one row on its inner side.
    ///
    /// That is what a unique index gives. Right and full joins are not taken for proven: their inner side is the
    /// other one. A plan without a join proves nothing.
    public static func isProven(by plan: [String]) -> Bool {
        var joins = 0
        var unique = 0
        for line in plan {
            let words = line.drop { $0 == " " || $0 == "-" || $0 == ">" }
            if words.hasPrefix("Inner Unique: true") { unique += 1 }
            guard words.contains("  (cost=") else { continue }
            let node = words.prefix { $0 != "(" }
            guard node.hasPrefix("Nested Loop") || node.contains(" Join ") else { continue }
            if node.contains(" Right ") || node.contains(" Full ") { return false }
            joins += 1
        }
        return joins > 0 && joins == unique
    }
}
