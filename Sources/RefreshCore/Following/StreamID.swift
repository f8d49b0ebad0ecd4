/// The id of a Redis stream's entry, `MILLISECONDS-SEQUENCE`.
public struct StreamID: Hashable, Comparable, Sendable, CustomStringConvertible {
    /// The time of the entry, as Redis gave it.
    public let milliseconds: UInt64
    /// Tells entries of one time apart.
    public let sequence: UInt64

    /// Before every entry.
    public static let zero = StreamID(milliseconds: 0, sequence: 0)

    /// An id of its parts.
    public init(milliseconds: UInt64, sequence: UInt64) {
        self.milliseconds = milliseconds
        self.sequence = sequence
    }

    /// Reads an id; one without a sequence has the sequence 0. Nil for anything else.
    public init?(_ text: some StringProtocol) {
        let parts = String(text).utf8.split(
            separator: UInt8(ascii: "-"), maxSplits: 1, omittingEmptySubsequences: false)
        guard let first = parts.first.flatMap({ Self.number($0) }),
            let second = parts.count == 1 ? 0 : Self.number(parts[1])
        else { return nil }
        self.init(milliseconds: first, sequence: second)
    }

    private static func number(_ digits: Substring.UTF8View) -> UInt64? {
        guard (1...20).contains(digits.count), digits.allSatisfy({ (0x30...0x39).contains($0) }) else { return nil }
        return UInt64(String(decoding: digits, as: UTF8.self))
    }

    /// As Redis spells it.
    public var description: String { "\(milliseconds)-\(sequence)" }

    /// Whether the left entry was added before the right.
    public static func < (left: Self, right: Self) -> Bool {
        (left.milliseconds, left.sequence) < (right.milliseconds, right.sequence)
    }
}
