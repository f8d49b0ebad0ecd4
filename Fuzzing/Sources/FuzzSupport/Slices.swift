/// An input as a source of choices: what it decides is cut off its end, the rest is text to try.
public struct Choices {
    private var rest: [UInt8]

    /// The bytes of an input.
    public init(_ input: [UInt8]) { rest = input }

    /// A number below `bound`, which is at most 256; 0 where the input is used up.
    public mutating func number(below bound: Int) -> Int { Int(rest.popLast() ?? 0) % max(1, bound) }

    /// What was not cut off.
    public var text: [UInt8] { rest }
}

extension [UInt8] {
    /// The bytes up to the next separator each, without it; at least one piece, perhaps empty.
    public func pieces(separator: UInt8, atMost: Int) -> [[UInt8]] {
        split(separator: separator, maxSplits: atMost - 1, omittingEmptySubsequences: false).map { [UInt8]($0) }
    }

    /// Pieces as long as `lengths` say, again and again; each length is at least 1.
    public func cut(into lengths: [Int]) -> [ArraySlice<UInt8>] {
        var pieces: [ArraySlice<UInt8>] = []
        var start = 0
        while start < count {
            let end = Swift.min(count, start + Swift.max(1, lengths[pieces.count % lengths.count]))
            pieces.append(self[start..<end])
            start = end
        }
        return pieces
    }
}
