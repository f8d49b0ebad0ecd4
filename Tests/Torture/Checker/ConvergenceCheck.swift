/// Compares the whole cache with the database, byte for byte.
enum ConvergenceCheck {
    /// What a key must be.
    struct Expected: Equatable, Sendable {
        /// The bytes, without dogpile.cache's metadata.
        var value: [UInt8]
        /// Whether it must be there, and not only equal when it is.
        var isRequired: Bool
    }

    /// A key that is not as it must be.
    struct Difference: Equatable, Sendable {
        var key: String
        var expected: [UInt8]?
        var found: [UInt8]?

        /// For a history.
        var line: String {
            let texts = [expected, found].map { bytes in
                bytes.map { bytes in
                    let text = String(decoding: bytes, as: UTF8.self)
                    return text.count <= 160 ? text : "\(text.prefix(70)) … \(text.suffix(80))"
                } ?? "absent"
            }
            return "\(key) is \(texts[1]), and its query says \(texts[0])"
        }
    }

    /// Every difference, by key.
    static func differences(expected: [String: Expected], found: [String: [UInt8]]) -> [Difference] {
        var differences: [Difference] = []
        for (key, wanted) in expected {
            guard let value = found[key] else {
                if wanted.isRequired { differences.append(.init(key: key, expected: wanted.value, found: nil)) }
                continue
            }
            if !payload(value, of: key).elementsEqual(wanted.value) {
                differences.append(.init(key: key, expected: wanted.value, found: value))
            }
        }
        for (key, value) in found where expected[key] == nil {
            differences.append(.init(key: key, expected: nil, found: value))
        }
        return differences.sorted { $0.key < $1.key }
    }

    /// The value without dogpile.cache's metadata, which ends at the first bar.
    private static func payload(_ value: [UInt8], of key: String) -> ArraySlice<UInt8> {
        guard key.hasPrefix("owned:"), let bar = value.firstIndex(of: UInt8(ascii: "|")) else { return value[...] }
        return value[(bar + 1)...]
    }
}
