import Glibc

/// Pieces of a terminal's line.
struct TerminalText: Sendable {
    /// Whether to colour.
    let colour: Bool

    /// What a piece of text is.
    enum Style: String {
        case plain = ""
        case strong = "1"
        case quiet = "2"
        case good = "32"
        case warning = "33"
        case bad = "31"
        case figure = "36"
    }

    func styled(_ text: String, _ style: Style) -> String {
        colour && style != .plain ? "\u{1B}[\(style.rawValue)m\(text)\u{1B}[0m" : text
    }

    /// Cuts or fills a text to a number of columns; control characters become spaces, and what is not ASCII a
    /// question mark, unless it is known to have the width of one column.
    static func fit(_ text: String, _ width: Int) -> String {
        guard width > 0 else { return "" }
        var out = String(
            text.unicodeScalars.prefix(width + 1).map { scalar -> Character in
                if scalar.value < 0x20 || scalar.value == 0x7F { return " " }
                return scalar.value < 0x250 || (0x2190...0x25FF).contains(scalar.value) ? Character(scalar) : "?"
            })
        if out.count > width { out = out.prefix(width - 1) + "…" }
        return out + String(repeating: " ", count: width - out.count)
    }

    /// A text at the right end of so many columns.
    static func right(_ text: String, _ width: Int) -> String {
        String(repeating: " ", count: max(0, width - text.count)) + text
    }

    /// Bars for numbers, the highest of them a full one.
    static func sparkline(_ numbers: [Double], width: Int) -> String {
        let bars = Array("▁▂▃▄▅▆▇█")
        let shown = numbers.suffix(width)
        let top = max(shown.max() ?? 0, 1)
        let line = String(shown.map { bars[min(7, max(0, Int($0 / top * 7.99)))] })
        return right(line, width)
    }

    /// The terminal's columns and rows; 80 and 24 when it does not say.
    static func size() -> (columns: Int, rows: Int) {
        var size = winsize()
        if unsafe ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0, size.ws_row > 0 {
            return (Int(size.ws_col), Int(size.ws_row))
        }
        let columns = unsafe getenv("COLUMNS").flatMap { unsafe Int(String(cString: $0)) }
        return (columns ?? 80, 24)
    }
}

/// Numbers for people.
enum Figures {
    /// With commas between thousands.
    static func count(_ number: Int) -> String {
        var digits = String(number.magnitude)
        var groups: [String] = []
        while digits.count > 3 {
            groups.insert(String(digits.suffix(3)), at: 0)
            digits.removeLast(3)
        }
        return (number < 0 ? "-" : "") + ([digits] + groups).joined(separator: ",")
    }

    static func rate(_ number: Double) -> String { count(Int(max(0, number).rounded())) + "/s" }

    /// One decimal place.
    static func tenths(_ number: Double) -> String {
        let tenths = Int((number * 10).rounded())
        return "\(count(tenths / 10)).\(abs(tenths % 10))"
    }

    /// A time in the unit that suits it.
    static func time(nanoseconds: Int64?) -> String {
        guard let nanoseconds else { return "-" }
        let microseconds = Double(nanoseconds) / 1000
        if microseconds < 1000 { return "\(Int(microseconds.rounded())) µs" }
        if microseconds < 1_000_000 { return "\(tenths(microseconds / 1000)) ms" }
        return "\(tenths(microseconds / 1_000_000)) s"
    }
}
