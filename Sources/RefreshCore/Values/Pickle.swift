/// Python's pickle of a JSON document: protocol 2, which every Python 3 reads, and plain types only: dict, list, str,
/// int, float, bool and None.
///
/// One pass over the text, bytes in and bytes out; what is open is a list on the heap, so that no document overflows
/// the stack.
public enum Pickle {
    /// How deep arrays and objects may be nested; Python's own JSON reader gives up at about twice as much.
    public static let deepest = 512
    /// The most digits of an integer: as many as Python makes an int of unless told otherwise.
    public static let longestInteger = 4_300
    /// The pickle of None.
    public static let none: [UInt8] = [0x80, 2, UInt8(ascii: "N"), UInt8(ascii: ".")]

    /// The pickle of a JSON text in UTF-8.
    ///
    /// A number with a fraction or an exponent becomes a float, every other one an int. Of keys that an object has
    /// twice the last counts. A surrogate without its other half stays one, as in Python.
    public static func pickle(json: borrowing Span<UInt8>) throws(PickleFault) -> [UInt8] {
        do { _ = try UTF8Span(validating: copy json) } catch { throw .notText }
        var reader = JSONPickling(capacity: json.count)
        return try reader.document(json)
    }
}

/// Why a JSON text has no pickle.
public enum PickleFault: Error, Equatable, CustomStringConvertible {
    /// It is no JSON.
    case malformed
    /// It is not UTF-8.
    case notText
    /// It is nested too deep.
    case tooDeep
    /// An integer has too many digits.
    case integerTooLong

    /// What is wrong and what to do, without a full stop.
    public var description: String {
        switch self {
        case .malformed: "the value can not be pickled: it is no JSON"
        case .notText: "the value can not be pickled: it is not UTF-8; use a database whose encoding is UTF8"
        case .tooDeep: "the value can not be pickled: it is nested deeper than \(Pickle.deepest) levels"
        case .integerTooLong:
            "the value can not be pickled: an integer in it has more than \(Pickle.longestInteger) digits; "
                + "cast it to text"
        }
    }
}
