/// Finds parameters that may be output columns without a name of their own, such as `SELECT $1, ($2)::int`.
enum OutputList {
    /// Reads the whole text once, with one entry on a stack per open parenthesis.
    ///
    /// After the output list it keeps looking at what follows a comma, for words such as FROM stand within it too
    /// (`a IS DISTINCT FROM b`): a true too many does no harm.
    static func mayHoldUnnamedParameter(_ tokens: [SQLToken], of text: [UInt8]) -> Bool {
        let significant = tokens.filter(\.isSignificant)
        var selecting = [false]
        var itemBegins = false
        var grouping = 0
        for (index, token) in significant.enumerated() {
            switch token.kind {
            case .openParenthesis:
                // A parenthesis around an output column is still that column; any other begins something else.
                selecting.append(itemBegins)
                if itemBegins { grouping += 1 }
            case .closeParenthesis:
                if selecting.count > 1 { selecting.removeLast() }
                // DISTINCT ON (…) is followed by a column.
                itemBegins = selecting.last == true
                grouping = 0
            case .comma:
                itemBegins = selecting.last == true
                grouping = 0
            case .parameter:
                if itemBegins, !isNamed(significant[(index + 1)...], grouping: grouping, of: text) { return true }
                itemBegins = false
            case .word:
                switch text[token.range].lowercased {
                case "select":
                    selecting[selecting.count - 1] = true
                    itemBegins = true
                    grouping = 0
                case "distinct", "all": break
                default: itemBegins = false
                }
            default: itemBegins = false
            }
        }
        return false
    }

    /// Whether an AS comes before the output column ends, which stands in `grouping` parentheses.
    private static func isNamed(_ rest: ArraySlice<SQLToken>, grouping: Int, of text: [UInt8]) -> Bool {
        var depth = grouping
        for token in rest where depth >= 0 {
            switch token.kind {
            case .openParenthesis: depth += 1
            case .closeParenthesis: depth -= 1
            case .comma where depth == 0: return false
            case .word where depth == 0:
                switch text[token.range].lowercased {
                case "as": return true
                case "from", "where", "union", "intersect", "except", "order", "limit": return false
                default: break
                }
            default: break
            }
        }
        return false
    }
}

extension ArraySlice<UInt8> {
    /// The text with its letters in lower case.
    var lowercased: String { String(decoding: self, as: UTF8.self).lowercased() }
}
