/// How names and texts are written in SQL, whatever is in them, in any session.
public enum SQLSpelling {
    /// A name in double quotes.
    public static func identifier(_ name: String) -> String { "\"\(doubled("\"", in: name))\"" }

    /// A text as a literal; one with a backslash so that `standard_conforming_strings` makes no difference to it.
    public static func literal(_ text: String) -> String {
        let quoted = "'\(doubled("'", in: text))'"
        return text.utf8.contains(UInt8(ascii: "\\")) ? "E\(doubled("\\", in: quoted))" : quoted
    }

    /// A text between dollars, with a tag that does not occur in it.
    public static func dollarQuoted(_ text: String) -> String {
        var tag = "$rekindle$"
        var number = 1
        while text.contains(tag) {
            tag = "$rekindle\(number)$"
            number += 1
        }
        return "\(tag)\(text)\(tag)"
    }

    /// A text as a JSON string.
    public static func json(_ text: String) -> String {
        var result = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"", "\\": result += "\\\(scalar)"
            case "\u{0}"..."\u{1F}":
                let digits = String(scalar.value, radix: 16)
                result += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result + "\""
    }

    /// A text for a comment, which ends with its line.
    public static func comment(_ text: String) -> String { "-- \(onOneLine(text))" }

    /// A text with spaces where another line would begin.
    static func onOneLine(_ text: String) -> String {
        var result = ""
        for scalar in text.unicodeScalars {
            result.unicodeScalars.append(scalar.properties.generalCategory.isShown ? scalar : " ")
        }
        return result
    }

    /// By scalars: a mark may combine with the letter before it, or the quote with a mark behind it.
    private static func doubled(_ mark: Unicode.Scalar, in text: String) -> String {
        var result = ""
        for scalar in text.unicodeScalars {
            if scalar == mark { result.unicodeScalars.append(scalar) }
            result.unicodeScalars.append(scalar)
        }
        return result
    }
}

extension Unicode.GeneralCategory {
    /// Whether it stands on its line.
    fileprivate var isShown: Bool {
        switch self {
        case .control, .lineSeparator, .paragraphSeparator: false
        default: true
        }
    }
}
