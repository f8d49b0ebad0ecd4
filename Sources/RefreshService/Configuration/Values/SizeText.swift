/// How the configuration spells sizes: `64KiB`, `32MiB`, `1GiB`, `10MB`.
enum SizeText {
    private static let units: [(name: String, bytes: Int64)] = [
        ("B", 1), ("kB", 1_000), ("KB", 1_000), ("MB", 1_000_000), ("GB", 1_000_000_000),
        ("KiB", 1 << 10), ("MiB", 1 << 20), ("GiB", 1 << 30),
    ]

    /// Bytes of a size.
    static func parse(_ text: String) throws(Complaint) -> Int64 {
        guard let number = UnitNumber(text) else {
            throw Complaint("must be a whole number and a unit, such as \"64KiB\", \"32MiB\" or \"1GiB\"")
        }
        guard let unit = units.first(where: { $0.name == number.unit }) else {
            throw Complaint(
                number.unit.isEmpty
                    ? "needs a unit; write \"\(number.count)MiB\" for mebibytes or \"\(number.count)B\" for bytes"
                    : "has no known unit; the units are B, KiB, MiB, GiB, kB, MB and GB")
        }
        let (bytes, overflow) = number.count.multipliedReportingOverflow(by: unit.bytes)
        guard !overflow else { throw Complaint("is too large") }
        return bytes
    }

    /// The shortest spelling of a number of bytes in binary units.
    static func spelling(_ bytes: Int64) -> String {
        let binary = units.filter { $0.name == "B" || $0.name.hasSuffix("iB") }
        let unit = binary.last { bytes != 0 && bytes % $0.bytes == 0 } ?? ("B", 1)
        return "\(bytes / unit.bytes)\(unit.name)"
    }
}
