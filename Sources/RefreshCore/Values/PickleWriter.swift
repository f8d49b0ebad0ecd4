/// Writes the opcodes of a pickle of protocol 2.
struct PickleWriter {
    private enum Opcode {
        static let mark = UInt8(ascii: "(")
        static let emptyDict = UInt8(ascii: "}")
        static let emptyList = UInt8(ascii: "]")
        static let setItems = UInt8(ascii: "u")
        static let appends = UInt8(ascii: "e")
        static let text = UInt8(ascii: "X")
        static let put = UInt8(ascii: "q")
        static let get = UInt8(ascii: "h")
        static let byte = UInt8(ascii: "K")
        static let twoBytes = UInt8(ascii: "M")
        static let fourBytes = UInt8(ascii: "J")
        static let long = UInt8(0x8A)
        static let longer = UInt8(0x8B)
        static let float = UInt8(ascii: "G")
    }

    /// How many keys are remembered: the columns of most queries.
    private static let memory = 64

    private var bytes: [UInt8] = [0x80, 2]
    /// Where the keys stand that were written in full, and which of them was met last: rows have the same keys in the
    /// same order.
    private var keys: [Range<Int>] = []
    private var lastKey = -1

    init(capacity: Int) { bytes.reserveCapacity(capacity + capacity / 2 + 16) }

    var count: Int { bytes.count }

    func finished() -> [UInt8] { bytes + [UInt8(ascii: ".")] }

    mutating func append(_ byte: UInt8) { bytes.append(byte) }

    mutating func append(_ piece: borrowing Span<UInt8>) {
        unsafe piece.withUnsafeBytes { unsafe bytes.append(contentsOf: $0) }
    }

    /// Opens a dict or list; what follows are its items.
    mutating func open(isObject: Bool) {
        bytes.append(isObject ? Opcode.emptyDict : Opcode.emptyList)
        bytes.append(Opcode.mark)
    }

    /// Closes it; an empty one needs no mark.
    mutating func close(isObject: Bool, openedAt start: Int) {
        if bytes.count == start {
            bytes.removeLast()
        } else {
            bytes.append(isObject ? Opcode.setItems : Opcode.appends)
        }
    }

    /// Begins a text; its bytes follow, and then `endString` with what this returned.
    mutating func beginString() -> Int {
        bytes.append(Opcode.text)
        bytes.append(contentsOf: [0, 0, 0, 0])
        return bytes.count
    }

    mutating func endString(_ start: Int) {
        store(UInt32(truncatingIfNeeded: bytes.count - start), at: start - 4)
    }

    /// A code point as UTF-8; half a surrogate pair as Python's `surrogatepass` writes it.
    mutating func append(codePoint point: UInt32) {
        func tail(_ shift: UInt32) -> UInt8 { 0x80 | UInt8(truncatingIfNeeded: point >> shift & 0x3F) }
        switch point {
        case 0..<0x80: bytes.append(UInt8(truncatingIfNeeded: point))
        case 0x80..<0x800: bytes += [0xC0 | UInt8(truncatingIfNeeded: point >> 6), tail(0)]
        case 0x800..<0x10000: bytes += [0xE0 | UInt8(truncatingIfNeeded: point >> 12), tail(6), tail(0)]
        default: bytes += [0xF0 | UInt8(truncatingIfNeeded: point >> 18), tail(12), tail(6), tail(0)]
        }
    }

    /// A key has been written from `start` on: if it was written before, it is named by two bytes instead.
    mutating func remember(from start: Int) {
        let key = start..<bytes.count
        let expected = keys.isEmpty ? 0 : (lastKey + 1) % keys.count
        if let known = keys.indices.contains(expected) && isSame(keys[expected], key)
            ? expected : keys.firstIndex(where: { isSame($0, key) })
        {
            lastKey = known
            bytes.removeSubrange(start...)
            bytes += [Opcode.get, UInt8(truncatingIfNeeded: known)]
        } else if keys.count < Self.memory {
            lastKey = keys.count
            keys.append(key)
            bytes += [Opcode.put, UInt8(truncatingIfNeeded: lastKey)]
        }
    }

    private func isSame(_ left: Range<Int>, _ right: Range<Int>) -> Bool {
        left.count == right.count && bytes[left].elementsEqual(bytes[right])
    }

    mutating func append(float number: Double) {
        bytes.append(Opcode.float)
        for shift in stride(from: UInt64(56), through: 0, by: -8) {
            bytes.append(UInt8(truncatingIfNeeded: number.bitPattern >> shift))
        }
    }

    /// An integer of decimal digits.
    mutating func append(integer digits: borrowing Span<UInt8>, isNegative: Bool) {
        guard digits.count <= 9 else { return append(long: TwosComplement.bytes(of: digits, isNegative: isNegative)) }
        var number: Int32 = 0
        for place in digits.indices { number = number * 10 + Int32(digits[place] & 15) }
        if isNegative { number = -number }
        switch number {
        case 0...255: bytes += [Opcode.byte, UInt8(truncatingIfNeeded: number)]
        case 256...65_535:
            bytes += [Opcode.twoBytes, UInt8(truncatingIfNeeded: number), UInt8(truncatingIfNeeded: number >> 8)]
        default:
            bytes += [Opcode.fourBytes, 0, 0, 0, 0]
            store(UInt32(bitPattern: number), at: bytes.count - 4)
        }
    }

    private mutating func append(long number: [UInt8]) {
        if number.count < 256 {
            bytes += [Opcode.long, UInt8(truncatingIfNeeded: number.count)]
        } else {
            bytes += [Opcode.longer, 0, 0, 0, 0]
            store(UInt32(truncatingIfNeeded: number.count), at: bytes.count - 4)
        }
        bytes += number
    }

    private mutating func store(_ number: UInt32, at place: Int) {
        for byte in 0..<4 { bytes[place + byte] = UInt8(truncatingIfNeeded: number >> UInt32(8 * byte)) }
    }
}
