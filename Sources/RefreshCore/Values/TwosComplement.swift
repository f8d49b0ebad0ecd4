/// Integers of any size as pickles hold them: two's complement, the lowest byte first, no byte more than needed.
enum TwosComplement {
    /// The bytes of a number in decimal digits.
    static func bytes(of digits: borrowing Span<UInt8>, isNegative: Bool) -> [UInt8] {
        var bytes: [UInt8] = []
        for limb in limbs(digits) {
            for shift in stride(from: UInt32(0), to: 32, by: 8) {
                bytes.append(UInt8(truncatingIfNeeded: limb >> shift))
            }
        }
        // Room for the sign.
        bytes.append(0)
        if isNegative {
            var carry = true
            for place in bytes.indices {
                bytes[place] = carry ? ~bytes[place] &+ 1 : ~bytes[place]
                carry = carry && bytes[place] == 0
            }
        }
        let filling: UInt8 = isNegative ? 0xFF : 0
        while let last = bytes.last, last == filling, bytes.count > 1,
            bytes[bytes.count - 2] >> 7 == filling >> 7
        {
            bytes.removeLast()
        }
        return bytes
    }

    /// The magnitude in words of 32 bits, the lowest first; nine digits are taken in at a time.
    private static func limbs(_ digits: borrowing Span<UInt8>) -> [UInt32] {
        var limbs: [UInt32] = []
        var place = 0
        while place < digits.count {
            let end = min(place + 9, digits.count)
            var (factor, carry) = (UInt64(1), UInt64(0))
            while place < end {
                (factor, carry) = (factor * 10, carry * 10 + UInt64(digits[place] & 15))
                place += 1
            }
            for index in limbs.indices {
                let sum = UInt64(limbs[index]) * factor + carry
                limbs[index] = UInt32(truncatingIfNeeded: sum)
                carry = sum >> 32
            }
            if carry > 0 { limbs.append(UInt32(truncatingIfNeeded: carry)) }
        }
        return limbs
    }
}
