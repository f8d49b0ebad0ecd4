/// Where a follower of channels is: the id of an event, `EPOCH-NUMBER` in what is sent.
public struct EventMark: Hashable, Sendable, CustomStringConvertible {
    /// Names the log that counts; another start of the daemon, and another log, has another.
    public let epoch: UInt64
    /// The number of the event in its log.
    public let number: UInt64

    /// A place in a log.
    public init(epoch: UInt64, number: UInt64) {
        self.epoch = epoch
        self.number = number
    }

    /// Reads what `description` spells; nil for anything else.
    public init?(_ text: some StringProtocol) {
        let parts = text.utf8.split(separator: UInt8(ascii: "-"), maxSplits: 1, omittingEmptySubsequences: false)
        guard parts.count == 2, parts[0].count == 16, !parts[1].isEmpty, parts[1].count <= 20,
            parts[0].allSatisfy({ Self.hexadecimal.contains($0) }),
            parts[1].allSatisfy({ (0x30...0x39).contains($0) }),
            let epoch = UInt64(String(decoding: parts[0], as: UTF8.self), radix: 16),
            let number = UInt64(String(decoding: parts[1], as: UTF8.self))
        else { return nil }
        self.init(epoch: epoch, number: number)
    }

    /// The epoch as 16 hexadecimal digits, a dash, and the number.
    public var description: String {
        let digits = String(epoch, radix: 16)
        return String(repeating: "0", count: 16 - digits.utf8.count) + digits + "-" + String(number)
    }

    private static let hexadecimal = Array("0123456789abcdef".utf8)
}
