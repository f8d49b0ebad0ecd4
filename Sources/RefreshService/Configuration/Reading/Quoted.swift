extension String {
    /// The text in double quotes, on one line and not too long for one, as faults show what a file says.
    var quoted: String {
        var text = "\""
        for (index, scalar) in unicodeScalars.enumerated() {
            guard index < 60 else { return text + "…\"" }
            switch scalar {
            case "\"", "\\": text += "\\\(scalar)"
            case "\n": text += "\\n"
            case "\t": text += "\\t"
            default:
                switch scalar.properties.generalCategory {
                case .control, .format, .lineSeparator, .paragraphSeparator, .surrogate, .unassigned, .privateUse:
                    text += "\\u{\(String(scalar.value, radix: 16))}"
                default: text.unicodeScalars.append(scalar)
                }
            }
        }
        return text + "\""
    }
}
