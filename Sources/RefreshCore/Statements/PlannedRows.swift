/// How many rows the planner expects of a statement.
public enum PlannedRows {
    /// The estimate in the first line of `EXPLAIN`, such as `Seq Scan on items  (cost=0.00..18.10 rows=810 width=4)`.
    public static func estimate(of line: String) -> Int? {
        let word = line.split(separator: " ").last { $0.hasPrefix("rows=") }
        return word.flatMap { Int($0.dropFirst("rows=".utf8.count)) }
    }
}
