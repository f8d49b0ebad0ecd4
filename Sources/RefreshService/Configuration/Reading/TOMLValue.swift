/// A value of a TOML file, and its place.
struct TOMLValue: Sendable {
    /// What a value is.
    enum Content: Sendable {
        case table([TOMLMember])
        case array([TOMLValue])
        case string(String)
        case integer(Int64)
        case float(Double)
        case boolean(Bool)
        /// A date, a time, or both; no key takes one.
        case moment
    }

    let place: Place
    let content: Content

    /// What it is, for a fault that says so.
    var noun: String {
        switch content {
        case .table: "a table"
        case .array: "an array"
        case .string: "a string"
        case .integer: "an integer"
        case .float: "a number with a fraction"
        case .boolean: "a boolean"
        case .moment: "a date or time"
        }
    }
}

/// A member of a TOML table; its value's place is that of its name.
struct TOMLMember: Sendable {
    let name: String
    let value: TOMLValue

    var place: Place { value.place }
}
