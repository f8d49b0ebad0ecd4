import TestServers

extension SeededGenerator {
    /// Up to `most` pieces in a row.
    mutating func text(of pieces: [String], most: Int) -> String {
        (0..<Int.random(in: 0...most, using: &self)).map { _ in pieces.randomElement(using: &self) ?? "" }.joined()
    }
}
