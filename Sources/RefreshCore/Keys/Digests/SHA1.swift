/// SHA-1 (RFC 3174), for names of keys that others make by it; it secures nothing.
enum SHA1 {
    /// The digest as 40 hexadecimal digits.
    static func text(_ message: Bytes) -> Bytes {
        let padded = DigestPadding.padded(message, isBigEndian: true)
        var state: [UInt32] = [0x6745_2301, 0xEFCD_AB89, 0x98BA_DCFE, 0x1032_5476, 0xC3D2_E1F0]
        for start in stride(from: 0, to: padded.count, by: 64) { mix(padded[start..<start + 64], into: &state) }
        return DigestPadding.hexadecimal(state, isBigEndian: true)
    }

    private static func mix(_ block: ArraySlice<UInt8>, into state: inout [UInt32]) {
        var words: [UInt32] = []
        words.reserveCapacity(80)
        for start in stride(from: block.startIndex, to: block.endIndex, by: 4) {
            words.append(block[start..<start + 4].reduce(0) { $0 << 8 | UInt32($1) })
        }
        for place in 16..<80 {
            words.append(
                DigestPadding.rotated(
                    words[place - 3] ^ words[place - 8] ^ words[place - 14] ^ words[place - 16], by: 1))
        }
        var (a, b, c, d, e) = (state[0], state[1], state[2], state[3], state[4])
        for (place, word) in words.enumerated() {
            let (choice, constant): (UInt32, UInt32)
            switch place {
            case 0..<20: (choice, constant) = (b & c | ~b & d, 0x5A82_7999)
            case 20..<40: (choice, constant) = (b ^ c ^ d, 0x6ED9_EBA1)
            case 40..<60: (choice, constant) = (b & c | b & d | c & d, 0x8F1B_BCDC)
            default: (choice, constant) = (b ^ c ^ d, 0xCA62_C1D6)
            }
            let next = DigestPadding.rotated(a, by: 5) &+ choice &+ e &+ constant &+ word
            (a, b, c, d, e) = (next, a, DigestPadding.rotated(b, by: 30), c, d)
        }
        for (place, sum) in [a, b, c, d, e].enumerated() { state[place] &+= sum }
    }
}
