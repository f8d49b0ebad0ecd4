extension TableReader {
    /// A duration in milliseconds, within a range of milliseconds.
    func milliseconds(_ key: Key, in range: ClosedRange<Int64>) -> Int64? {
        let bounds = (DurationText.spelling(range.lowerBound), DurationText.spelling(range.upperBound))
        return quantity(key, like: "30s", in: range, bounds: bounds, by: DurationText.parse)
    }

    /// A size in bytes, within a range of bytes.
    func bytes(_ key: Key, in range: ClosedRange<Int64>) -> Int? {
        let bounds = (SizeText.spelling(range.lowerBound), SizeText.spelling(range.upperBound))
        return quantity(key, like: "32MiB", in: range, bounds: bounds, by: SizeText.parse).flatMap(Int.init(exactly:))
    }

    private func quantity(
        _ key: Key, like example: String, in range: ClosedRange<Int64>, bounds: (String, String),
        by parse: (String) throws(Complaint) -> Int64
    ) -> Int64? {
        if case .integer(let count) = value(key)?.content {
            fault(key, "needs a unit: \(count) is a bare number; write a string such as \(example.quoted)")
            return nil
        }
        guard let quantity = parsed(key, by: parse) else { return nil }
        guard range.contains(quantity) else {
            fault(key, "must be between \(bounds.0) and \(bounds.1)")
            return nil
        }
        return quantity
    }
}
