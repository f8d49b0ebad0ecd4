/// What SHA-1 and MD5 put behind a message: a one bit, zeros, and its length in bits, up to whole blocks of 64 bytes.
enum DigestPadding {
    /// The message with its padding.
    static func padded(_ message: Bytes, isBigEndian: Bool) -> [UInt8] {
        var padded = message.array
        padded.append(0x80)
        while padded.count % 64 != 56 { padded.append(0) }
        let length = UInt64(message.count) &* 8
        for byte in 0..<8 {
            padded.append(UInt8(truncatingIfNeeded: length >> UInt64(8 * (isBigEndian ? 7 - byte : byte))))
        }
        return padded
    }

    /// Words as lower-case hexadecimal text.
    static func hexadecimal(_ words: [UInt32], isBigEndian: Bool) -> Bytes {
        let digits = Array("0123456789abcdef".utf8)
        var text: [UInt8] = []
        for word in words {
            for byte in 0..<4 {
                let value = Int(word >> UInt32(8 * (isBigEndian ? 3 - byte : byte)) & 0xFF)
                text += [digits[value >> 4], digits[value & 15]]
            }
        }
        return Bytes(text)
    }

    static func rotated(_ word: UInt32, by count: UInt32) -> UInt32 { word << count | word >> (32 - count) }
}
