import RefreshService

/// A JSON text whose values are read by paths such as `connections.redis.up`.
struct JSONDocument {
    private let reader: JSONReader

    /// Takes a text; nil when it is no JSON.
    init?(_ text: [UInt8]) {
        guard let reader = JSONReader(longest: max(1, text.count)),
            unsafe text.withUnsafeBytes({ unsafe reader.open($0) })
        else { return nil }
        self.reader = reader
    }

    /// The text of the value at a path; nil for null and for what is not there.
    subscript(path: String) -> String? {
        unsafe reader.find(JSONPath(path.split(separator: ".").map(String.init))) { kind, text in
            switch kind {
            case .absent, .null, .malformed: nil
            case .string, .number, .boolean, .container: unsafe String(decoding: text, as: UTF8.self)
            }
        }
    }

    /// Calls `body` with the path of each element of an array.
    func forEach(_ path: String, _ body: (String) -> Void) {
        var index = 0
        while self["\(path).\(index)"] != nil {
            body("\(path).\(index)")
            index += 1
        }
    }
}
