/// What a text means to a parameter's type.
public enum CanonicalSpelling: Equatable, Sendable {
    /// The text is a value of the type, spelled as keys spell it.
    case asIs
    /// The text is a value of the type; keys spell it so.
    case changed(Bytes)
    /// The text is no value of the type, or none that a notification may use.
    case refused
}

/// How the values of a type are spelled.
enum SpellingRule: Sendable {
    /// Digits with at most a minus, up to a limit.
    case integer(limit: UInt64)
    /// Digits alone, of an object identifier.
    case identifier
    case boolean, uuid
    /// Any bytes but zero.
    case plain
}

extension ParameterType {
    var spellingRule: SpellingRule {
        switch self {
        case .int2: .integer(limit: UInt64(Int16.max))
        case .int4: .integer(limit: UInt64(Int32.max))
        case .int8: .integer(limit: UInt64(Int64.max))
        case .bool: .boolean
        case .uuid: .uuid
        // A name that does not exist would be the query's fault, and pause it.
        case .other(let name) where name.hasPrefix("reg") && Self.objectTypes.contains(name): .identifier
        case .textLike, .other: .plain
        }
    }

    private static let objectTypes: Set<String> = [
        "regclass", "regcollation", "regconfig", "regdictionary", "regnamespace", "regoper", "regoperator", "regproc",
        "regprocedure", "regrole", "regtype",
    ]

    /// Checks a text out of a payload, and finds the one spelling that equal values share in keys.
    ///
    /// Allocates nothing where the text is spelled canonically. Stricter than Postgres: no space around values, and
    /// no JSON number with a fraction or an exponent for an integer. Of `other` types Postgres is the judge.
    public func canonical(_ text: borrowing Span<UInt8>) -> CanonicalSpelling { spellingRule.canonical(text) }
}

extension SpellingRule {
    func canonical(_ text: borrowing Span<UInt8>) -> CanonicalSpelling {
        switch self {
        case .integer(let limit): Self.integer(text, limit: limit)
        case .identifier: text.count > 0 && text[0].isDigit ? Self.integer(text, limit: UInt64(UInt32.max)) : .refused
        case .boolean: Self.boolean(text)
        case .uuid: Self.uuid(text)
        case .plain: Self.plain(text)
        }
    }

    private static func integer(_ text: borrowing Span<UInt8>, limit: UInt64) -> CanonicalSpelling {
        guard text.count > 0 else { return .refused }
        let negative = text[0] == UInt8(ascii: "-")
        let signed = negative || text[0] == UInt8(ascii: "+")
        var index = signed ? 1 : 0
        guard index < text.count else { return .refused }
        while index < text.count - 1, text[index] == UInt8(ascii: "0") { index += 1 }
        let firstDigit = index
        var value: UInt64 = 0
        while index < text.count {
            // Nineteen digits fit 64 bits, and no limit has more.
            guard text[index].isDigit, index - firstDigit < 19 else { return .refused }
            value = value * 10 + UInt64(text[index] & 0x0F)
            index += 1
        }
        guard value <= (negative ? limit + 1 : limit) else { return .refused }
        let keepsSign = negative && value != 0
        if firstDigit == (keepsSign ? 1 : 0) { return .asIs }
        var spelling: [UInt8] = keepsSign ? [UInt8(ascii: "-")] : []
        for index in firstDigit..<text.count { spelling.append(text[index]) }
        return .changed(Bytes(spelling))
    }

    private static func boolean(_ text: borrowing Span<UInt8>) -> CanonicalSpelling {
        if text.spells("true") || text.spells("false") { return .asIs }
        if text.spells("t") { return .changed(Bytes("true")) }
        if text.spells("f") { return .changed(Bytes("false")) }
        return .refused
    }

    private static func uuid(_ text: borrowing Span<UInt8>) -> CanonicalSpelling {
        guard text.count == 36 else { return .refused }
        var hasUpperCase = false
        for index in text.indices {
            let byte = text[index]
            switch index {
            case 8, 13, 18, 23: guard byte == UInt8(ascii: "-") else { return .refused }
            default:
                guard byte.isDigit || (UInt8(ascii: "a")...UInt8(ascii: "f")).contains(byte | 0x20) else {
                    return .refused
                }
                if (UInt8(ascii: "A")...UInt8(ascii: "F")).contains(byte) { hasUpperCase = true }
            }
        }
        guard hasUpperCase else { return .asIs }
        // Digits and the hyphen have this bit already.
        var spelling: [UInt8] = []
        spelling.reserveCapacity(36)
        for index in text.indices { spelling.append(text[index] | 0x20) }
        return .changed(Bytes(spelling))
    }

    private static func plain(_ text: borrowing Span<UInt8>) -> CanonicalSpelling {
        for index in text.indices where text[index] == 0 { return .refused }
        return .asIs
    }
}

extension Span<UInt8> {
    /// Whether the bytes are those of an ASCII text.
    func spells(_ expected: StaticString) -> Bool {
        guard expected.utf8CodeUnitCount == count else { return false }
        return expected.withUTF8Buffer { buffer in
            for index in indices where unsafe buffer[index] != self[index] { return false }
            return true
        }
    }
}
