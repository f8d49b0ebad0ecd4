import RefreshService

/// A JSON text whose values are read by paths such as `connections.redis.up`.
package struct Document: CustomStringConvertible {
    private let reader: JSONReader
    package let description: String

    /// Takes a text; throws when it is no JSON.
    package init(_ text: String) throws {
        let bytes = Array(text.utf8)
        guard let reader = JSONReader(longest: max(1, bytes.count)), bytes.withUnsafeBytes({ reader.open($0) }) else {
            throw Trouble("This is no JSON: \(text)")
        }
        self.reader = reader
        description = text
    }

    /// The text of the value at a path, that of a string without quotes; nil for null and for what is not there.
    package subscript(path: String) -> String? {
        reader.find(JSONPath(path.split(separator: ".").map(String.init))) { kind, text in
            switch kind {
            case .absent, .null, .malformed: nil
            case .string, .number, .boolean, .container: String(decoding: text, as: UTF8.self)
            }
        }
    }

    /// A member of the element of an array that has a name, such as `named("items", in: "queries", "form")`.
    package func named(_ name: String, in array: String, _ member: String) -> String? {
        var index = 0
        while self["\(array).\(index)"] != nil {
            if self["\(array).\(index).name"] == name { return self["\(array).\(index).\(member)"] }
            index += 1
        }
        return nil
    }
}
