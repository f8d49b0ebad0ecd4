/// The query for one key of a query that fills many: the row of the whole whose columns make the key.
public enum RowQuery {
    /// The SELECT for one key, whose parameters are the columns, in order.
    public static func sql(of all: String, columns: [String]) -> String {
        // As in `BatchedStatement`: the line break ends a comment at the end of the user's text.
        var text = all[...]
        while let last = text.last, last.isWhitespace || last == ";" { text.removeLast() }
        let conditions = columns.enumerated().map { "_by_key.\(StatementWrapping.quoted($1)) = $\($0 + 1)" }
        return "SELECT * FROM (\(text)\n) AS _by_key WHERE \(conditions.joined(separator: " AND "))"
    }
}
