/// Reads a JSON text from its beginning to its end and writes the pickle as it goes.
struct JSONPickling {
    /// An array or object that is open.
    private struct Level {
        let isObject: Bool
        /// How long the pickle was when it was opened.
        let start: Int
    }

    private var pickle: PickleWriter
    private var place = 0
    private var open: [Level] = []

    init(capacity: Int) { pickle = PickleWriter(capacity: capacity) }

    mutating func document(_ text: borrowing Span<UInt8>) throws(PickleFault) -> [UInt8] {
        repeat {
            try value(text)
            try closeAll(text)
        } while !open.isEmpty
        skipSpace(text)
        guard place == text.count else { throw .malformed }
        return pickle.finished()
    }

    /// A value, or what opens one and its first key.
    private mutating func value(_ text: borrowing Span<UInt8>) throws(PickleFault) {
        while true {
            switch next(text) {
            case UInt8(ascii: "{"):
                try begin(isObject: true)
                if next(text) == UInt8(ascii: "}") { return }
                try key(text)
            case UInt8(ascii: "["):
                try begin(isObject: false)
                if next(text) == UInt8(ascii: "]") { return }
            case UInt8(ascii: "\""): return try string(text)
            case UInt8(ascii: "t"): return try word("true", 0x88, text)
            case UInt8(ascii: "f"): return try word("false", 0x89, text)
            case UInt8(ascii: "n"): return try word("null", UInt8(ascii: "N"), text)
            default: return try number(text)
            }
        }
    }

    /// Closes what ends here, up to a comma behind which a value follows, or to the end.
    private mutating func closeAll(_ text: borrowing Span<UInt8>) throws(PickleFault) {
        while let level = open.last {
            let byte = next(text)
            place += 1
            switch byte {
            case UInt8(ascii: ","):
                if level.isObject { try key(text) }
                return
            case UInt8(ascii: "}") where level.isObject, UInt8(ascii: "]") where !level.isObject:
                pickle.close(isObject: level.isObject, openedAt: level.start)
                open.removeLast()
            default: throw .malformed
            }
        }
    }

    private mutating func begin(isObject: Bool) throws(PickleFault) {
        guard open.count < Pickle.deepest else { throw .tooDeep }
        place += 1
        pickle.open(isObject: isObject)
        open.append(Level(isObject: isObject, start: pickle.count))
    }

    /// A key and its colon.
    private mutating func key(_ text: borrowing Span<UInt8>) throws(PickleFault) {
        guard next(text) == UInt8(ascii: "\"") else { throw .malformed }
        let start = pickle.count
        try string(text)
        pickle.remember(from: start)
        guard next(text) == UInt8(ascii: ":") else { throw .malformed }
        place += 1
    }

    private mutating func word(
        _ word: StaticString, _ opcode: UInt8, _ text: borrowing Span<UInt8>
    ) throws(PickleFault) {
        let end = place + word.utf8CodeUnitCount
        guard end <= text.count else { throw .malformed }
        for offset in 0..<word.utf8CodeUnitCount where unsafe text[place + offset] != word.utf8Start[offset] {
            throw .malformed
        }
        place = end
        pickle.append(opcode)
    }

    private mutating func number(_ text: borrowing Span<UInt8>) throws(PickleFault) {
        let start = place
        // What reads the text of a float takes a plus sign, which JSON does not.
        if next(text) == UInt8(ascii: "+") { throw .malformed }
        var isInteger = true
        scan: while place < text.count {
            switch text[place] {
            case UInt8(ascii: "0")...UInt8(ascii: "9"): break
            case UInt8(ascii: "-") where place == start: break
            case UInt8(ascii: "."), UInt8(ascii: "e"), UInt8(ascii: "E"), UInt8(ascii: "-"), UInt8(ascii: "+"):
                isInteger = false
            default: break scan
            }
            place += 1
        }
        let digits = text.extracting(start..<place)
        if !isInteger {
            guard let number = Double(String(copying: digits)) else { throw .malformed }
            return pickle.append(float: number)
        }
        let isNegative = !digits.isEmpty && digits[0] == UInt8(ascii: "-")
        let magnitude = digits.extracting((isNegative ? 1 : 0)..<digits.count)
        if magnitude.isEmpty { throw .malformed }
        if magnitude.count > Pickle.longestInteger { throw .integerTooLong }
        pickle.append(integer: magnitude, isNegative: isNegative)
    }

    private mutating func string(_ text: borrowing Span<UInt8>) throws(PickleFault) {
        place += 1
        let start = pickle.beginString()
        var plain = place
        while place < text.count {
            switch text[place] {
            case UInt8(ascii: "\""):
                pickle.append(text.extracting(plain..<place))
                pickle.endString(start)
                place += 1
                return
            case UInt8(ascii: "\\"):
                pickle.append(text.extracting(plain..<place))
                try escape(text)
                plain = place
            case 0..<0x20: throw .malformed
            default: place += 1
            }
        }
        throw .malformed
    }

    private mutating func escape(_ text: borrowing Span<UInt8>) throws(PickleFault) {
        guard place + 1 < text.count else { throw .malformed }
        let letter = text[place + 1]
        place += 2
        switch letter {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): pickle.append(letter)
        case UInt8(ascii: "b"): pickle.append(8)
        case UInt8(ascii: "f"): pickle.append(12)
        case UInt8(ascii: "n"): pickle.append(10)
        case UInt8(ascii: "r"): pickle.append(13)
        case UInt8(ascii: "t"): pickle.append(9)
        case UInt8(ascii: "u"):
            let first = try hexadecimal(text)
            guard (0xD800..<0xDC00).contains(first), place + 1 < text.count, text[place] == UInt8(ascii: "\\"),
                text[place + 1] == UInt8(ascii: "u")
            else { return pickle.append(codePoint: first) }
            let behind = place
            place += 2
            let second = try hexadecimal(text)
            if (0xDC00..<0xE000).contains(second) {
                pickle.append(codePoint: 0x10000 + (first - 0xD800) << 10 + (second - 0xDC00))
            } else {
                pickle.append(codePoint: first)
                place = behind
            }
        default: throw .malformed
        }
    }

    private mutating func hexadecimal(_ text: borrowing Span<UInt8>) throws(PickleFault) -> UInt32 {
        guard place + 4 <= text.count else { throw .malformed }
        var number: UInt32 = 0
        for offset in 0..<4 {
            guard let digit = Character(Unicode.Scalar(text[place + offset])).hexDigitValue else { throw .malformed }
            number = number << 4 | UInt32(digit)
        }
        place += 4
        return number
    }

    /// The next byte that is no white space; zero at the end, which no JSON has.
    private mutating func next(_ text: borrowing Span<UInt8>) -> UInt8 {
        skipSpace(text)
        return place < text.count ? text[place] : 0
    }

    private mutating func skipSpace(_ text: borrowing Span<UInt8>) {
        while place < text.count {
            switch text[place] {
            case 0x20, 0x09, 0x0A, 0x0D: place += 1
            default: return
            }
        }
    }
}

extension String {
    fileprivate init(copying bytes: borrowing Span<UInt8>) {
        self = unsafe bytes.withUnsafeBytes { unsafe String(decoding: $0, as: UTF8.self) }
    }
}
