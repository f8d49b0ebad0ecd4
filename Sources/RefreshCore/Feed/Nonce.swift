/// What one instance sends by NOTIFY at each heartbeat, to see it come back: the instance's own number, and a count.
public struct Nonce: Sendable, Hashable {
    /// Drawn at the start of the instance.
    public let instance: UInt64
    /// Counts from 1.
    public let number: UInt64

    /// The nonce of a number.
    public init(instance: UInt64, number: UInt64) {
        self.instance = instance
        self.number = number
    }

    /// Two numbers in decimal with a space between them.
    public var text: String { "\(instance) \(number)" }

    /// Reads what `text` gave; nil for anything else, for anybody may notify anything.
    public init?(_ text: some StringProtocol) {
        let words = text.split(separator: " ", omittingEmptySubsequences: false)
        guard words.count == 2, let instance = UInt64(words[0]), let number = UInt64(words[1]) else { return nil }
        self.init(instance: instance, number: number)
    }
}
