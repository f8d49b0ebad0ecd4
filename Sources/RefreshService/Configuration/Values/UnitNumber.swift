/// A whole number followed by a unit, as `30s` and `32MiB`.
struct UnitNumber {
    let count: Int64
    let unit: String

    /// Nil when the text is not digits followed by something else, or the number does not fit.
    init?(_ text: String) {
        let digits = text.prefix { ("0"..."9").contains($0) }
        guard let count = Int64(digits) else { return nil }
        self.count = count
        unit = String(text[digits.endIndex...])
    }
}
