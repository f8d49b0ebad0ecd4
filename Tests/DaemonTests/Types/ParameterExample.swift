/// A value in a payload, and what becomes of it as a parameter of a type.
struct ParameterExample {
    /// What becomes of a value.
    enum Fate: Equatable {
        /// It is in the key in this spelling, and Postgres takes it for the value that is this JSON.
        case taken(key: String, json: String)
        /// The payload is dropped.
        case dropped
        /// Postgres does not take it: the key is dropped.
        case refused
    }

    /// The type, as SQL names it.
    let type: String
    /// The format of the channel's payloads.
    let format: String
    /// A JSON value, a line of CSV, or a text.
    let value: String
    let fate: Fate

    static func taken(_ type: String, _ value: String, key: String, json: String, in format: String = "json") -> Self {
        Self(type: type, format: format, value: value, fate: .taken(key: key, json: json))
    }

    static func dropped(_ type: String, _ value: String, in format: String = "json") -> Self {
        Self(type: type, format: format, value: value, fate: .dropped)
    }

    static func refused(_ type: String, _ value: String, in format: String = "json") -> Self {
        Self(type: type, format: format, value: value, fate: .refused)
    }
}
