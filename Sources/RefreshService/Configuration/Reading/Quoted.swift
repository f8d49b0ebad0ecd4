extension String {
    /// The text in double quotes, on one line and not too long for one, as faults show what a file says.
    var quoted: String {
        var text = "\""
        for (index, scalar) in unicodeScalars.enumerated() {
            guard index < 60 else { return text + "…\"" }
            switch scalar {
            case "\"", "\\": text += "\\\(scalar)"
            default: text += scalar.onOneLine
            }
        }
        return text + "\""
    }

    /// The text with everything spelled out that would not show, or would begin another line.
    var onOneLine: String { unicodeScalars.reduce(into: "") { $0 += $1.onOneLine } }
}

extension Unicode.Scalar {
    fileprivate var onOneLine: String {
        switch self {
        case "\n": return "\\n"
        case "\t": return "\\t"
        default: break
        }
        switch properties.generalCategory {
        case .control, .format, .lineSeparator, .paragraphSeparator, .surrogate, .unassigned, .privateUse:
            return "\\u{\(String(value, radix: 16))}"
        default: return String(self)
        }
    }
}
