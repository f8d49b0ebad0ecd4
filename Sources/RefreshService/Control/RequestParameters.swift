import RefreshCore

/// The parameters of a request: `region=items&key=1&key=2`, percent-encoded, `+` for a space.
struct RequestParameters {
    /// Names and values, in the order given.
    let pairs: [(name: String, value: Bytes)]

    /// Reads what stands behind the `?`; nil when a `%` is not followed by two hexadecimal digits.
    init?(_ query: String?) {
        var pairs: [(String, Bytes)] = []
        for part in (query ?? "").utf8.split(separator: UInt8(ascii: "&")) {
            let sides = part.split(separator: UInt8(ascii: "="), maxSplits: 1, omittingEmptySubsequences: false)
            guard let first = sides.first, let name = PercentText.decoded(first, plusIsSpace: true) else { return nil }
            let value = sides.count > 1 ? PercentText.decoded(sides[1], plusIsSpace: true) : []
            guard let value else { return nil }
            pairs.append((String(decoding: name, as: UTF8.self), Bytes(value)))
        }
        self.pairs = pairs
    }

    /// The values of a name.
    func all(_ name: String) -> [Bytes] { pairs.lazy.filter { $0.name.utf8.elementsEqual(name.utf8) }.map(\.value) }

    /// The last value of a name, as text.
    func text(_ name: String) -> String? { all(name).last?.description }

    /// Names that are neither among these nor begin with the prefix.
    func unknown(besides known: [String], prefix: String? = nil) -> String? {
        pairs.first { pair in !known.contains(pair.name) && !(prefix.map { pair.name.hasPrefix($0) } ?? false) }?.name
    }
}
