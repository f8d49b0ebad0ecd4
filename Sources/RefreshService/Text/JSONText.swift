public import RefreshCore

/// JSON text, written front to back.
///
/// Objects and arrays take closures, so that what is opened is closed.
public struct JSONText {
    /// The text so far.
    public private(set) var bytes: [UInt8] = []
    private var needsComma = false

    /// An empty text.
    public init() {}

    /// The text of one value.
    public static func text(_ body: (inout JSONText) -> Void) -> [UInt8] {
        var json = JSONText()
        body(&json)
        return json.bytes
    }

    /// An object as an element or as the whole text.
    public mutating func object(_ body: (inout JSONText) -> Void) { enclosed("{", "}", body) }
    /// An array as an element or as the whole text.
    public mutating func array(_ body: (inout JSONText) -> Void) { enclosed("[", "]", body) }

    /// A member that is an object.
    public mutating func object(_ name: String, _ body: (inout JSONText) -> Void) {
        key(name)
        object(body)
    }

    /// A member that is an array.
    public mutating func array(_ name: String, _ body: (inout JSONText) -> Void) {
        key(name)
        array(body)
    }

    /// A member that is a text, or null.
    public mutating func member(_ name: String, _ text: String?) {
        key(name)
        if let text { string(text.utf8) } else { raw("null") }
    }

    /// A member that is a text of any bytes; what is not UTF-8 is replaced.
    public mutating func member(_ name: String, _ bytes: Bytes) {
        key(name)
        string(bytes.description.utf8)
    }

    /// A member that is a whole number, or null.
    public mutating func member(_ name: String, _ number: (some BinaryInteger)?) {
        key(name)
        raw(number.map { String($0) } ?? "null")
    }

    /// A member that is true or false.
    public mutating func member(_ name: String, _ truth: Bool) {
        key(name)
        raw(truth ? "true" : "false")
    }

    /// A number of seconds with microseconds; null when there is none.
    public mutating func member(_ name: String, seconds: Double?) {
        key(name)
        guard let seconds, seconds.isFinite else { return raw("null") }
        raw(decimal(seconds, places: 6))
    }

    /// A number from 0 to 1, with six places.
    public mutating func member(_ name: String, share: Double) {
        key(name)
        raw(share.isFinite ? decimal(share, places: 6) : "null")
    }

    /// A string element of an array.
    public mutating func element(_ text: String) {
        comma()
        string(text.utf8)
    }

    private mutating func key(_ name: String) {
        comma()
        needsComma = false
        string(name.utf8)
        bytes.append(UInt8(ascii: ":"))
        needsComma = false
    }

    private mutating func raw(_ text: String) {
        comma()
        bytes.append(contentsOf: text.utf8)
    }

    private mutating func comma() {
        if needsComma { bytes.append(UInt8(ascii: ",")) }
        needsComma = true
    }

    private mutating func enclosed(_ open: String, _ close: String, _ body: (inout JSONText) -> Void) {
        comma()
        bytes.append(contentsOf: open.utf8)
        needsComma = false
        body(&self)
        bytes.append(contentsOf: close.utf8)
        needsComma = true
    }

    private mutating func string(_ text: some Sequence<UInt8>) {
        needsComma = true
        bytes.append(UInt8(ascii: "\""))
        for byte in text {
            switch byte {
            case UInt8(ascii: "\""), UInt8(ascii: "\\"):
                bytes.append(UInt8(ascii: "\\"))
                bytes.append(byte)
            case 0..<0x20:
                bytes.append(contentsOf: "\\u00".utf8)
                bytes.append(hexDigit(byte >> 4))
                bytes.append(hexDigit(byte & 15))
            default: bytes.append(byte)
            }
        }
        bytes.append(UInt8(ascii: "\""))
    }

    private func hexDigit(_ value: UInt8) -> UInt8 { value < 10 ? 0x30 + value : 0x57 + value }
}

/// A number with so many decimal places, without an exponent.
func decimal(_ number: Double, places: Int) -> String {
    var scale = 1.0
    for _ in 0..<places { scale *= 10 }
    guard number.isFinite, abs(number) < 9e15 / scale else { return "0" }
    let scaled = Int64((abs(number) * scale).rounded())
    let (whole, part) = scaled.quotientAndRemainder(dividingBy: Int64(scale))
    var digits = String(part)
    digits = String(repeating: "0", count: places - digits.count) + digits
    return (number < 0 && scaled > 0 ? "-" : "") + (places == 0 ? "\(whole)" : "\(whole).\(digits)")
}
