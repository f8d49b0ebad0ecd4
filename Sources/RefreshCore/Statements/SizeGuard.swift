/// Lets the server look how large a value is, so that one that is too large never leaves it.
///
/// In the place of such a value comes a mark and its size in bytes. A row is not cast to text for that: its mark is
/// the beginning of a JSON array, which no row begins with. Of others it is a byte that no JSON has; a text that
/// begins with it comes with two more of them in front.
struct SizeGuard {
    private let limit: Int
    private let shape: ResultShape
    private let format: ValueFormat

    /// - Parameter limit: the most bytes that a value may have.
    init(limit: Int, shape: ResultShape, format: ValueFormat) {
        self.limit = limit
        self.shape = shape
        self.format = format
    }

    /// The first byte of what stands for a value that is too large; nil of a hash, whose size is a column.
    var mark: UInt8? {
        if format == .hash { return nil }
        return isJSON ? UInt8(ascii: "[") : ValueCell.escape
    }

    /// Whether the value's column is of the type `json`, and not `text`.
    var isJSON: Bool { shape == .row }

    /// The statement with its column `value` guarded; `names` are its columns before that one.
    ///
    /// `OFFSET 0` keeps Postgres from making the value twice, once for its size.
    func guarded(_ statement: String, _ names: [String], as alias: String) -> String {
        let value = "\(alias).value"
        let columns = names.map { "\(alias).\($0), " }.joined()
        return
            "SELECT \(columns)CASE \(cases(value)) ELSE \(value) END AS value FROM (\(statement) OFFSET 0) AS \(alias)"
    }

    private func cases(_ value: String) -> String {
        if isJSON {
            // What is made anew has a head of four bytes, and is not compressed.
            return "WHEN pg_column_size(\(value)) > \(limit + 4) THEN json_build_array(octet_length(\(value)::text))"
        }
        let tooLarge = "WHEN octet_length(\(value)) > \(limit) THEN chr(1) || octet_length(\(value))"
        return format == .text ? "\(tooLarge) WHEN ascii(\(value)) = 1 THEN chr(1) || chr(1) || \(value)" : tooLarge
    }

    /// Whether the columns of a row are small enough for a hash: their texts are made only when that is in doubt.
    func admits(_ columns: [String], of row: String) -> String {
        if columns.isEmpty { return "true" }
        let stored = columns.map { "coalesce(pg_column_size(\(row).\($0)), 0)" }.joined(separator: " + ")
        return "CASE WHEN \(stored) > \(limit / 8) THEN \(Self.size(columns, of: row)) ELSE 0 END <= \(limit)"
    }

    /// How many bytes the texts of columns have together.
    static func size(_ columns: [String], of row: String) -> String {
        // A function takes no more than a hundred arguments.
        let parts = stride(from: 0, to: columns.count, by: 100).map { start in
            let some = columns[start..<min(start + 100, columns.count)].map { "\(row).\($0)" }
            return "octet_length(concat(\(some.joined(separator: ", "))))"
        }
        return parts.isEmpty ? "0" : parts.joined(separator: " + ")
    }
}

/// What the cell of a value holds.
public enum ValueCell: Sendable, Equatable {
    /// The value, behind so many bytes.
    case value(from: Int)
    /// The value was too large to be sent; it has so many bytes.
    case tooLarge(Int)

    /// What begins a text that is no value as it is.
    static var escape: UInt8 { 1 }

    /// Reads a cell whose first byte is the statement's mark.
    public init(marked cell: borrowing Span<UInt8>) {
        if cell.count > 1, cell[1] == Self.escape {
            self = .value(from: 2)
            return
        }
        var size = 0
        // A value of Postgres has less than 2^30 bytes: ten digits.
        for place in 1..<max(1, min(cell.count, 13)) where cell[place].isDigit {
            size = size * 10 + Int(cell[place] & 15)
        }
        self = .tooLarge(size)
    }
}

extension RefreshFault {
    /// A value is larger than its region allows.
    public init(tooLarge size: Int, in region: Region) {
        self.init(
            sqlState: nil,
            text: "the value has \(size) bytes, and region \"\(region.name)\" takes \(region.largestValue); make the "
                + "result smaller, or raise max_value")
    }
}
