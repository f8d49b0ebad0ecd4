/// A column whose value a notification tells.
public struct KeyColumn: Sendable, Equatable {
    /// How its values become JSON, so that they are spelled as the daemon's own sessions spell them.
    public enum Form: String, Sendable {
        /// A JSON number, of its digits.
        case integer
        /// A JSON number, or the string of what JSON has no number for, such as `NaN`.
        case number
        /// `true` or `false`.
        case boolean
        /// A JSON string.
        case text
        /// JSON as it is.
        case json
        /// A JSON string of what Postgres prints, which depends on the session.
        case printed
    }

    /// What Postgres calls it.
    public let name: String
    /// The name of its type, or of the type under its domain, in `pg_catalog`; empty for a type of another schema.
    public let type: String

    /// Takes the names.
    public init(name: String, type: String) {
        self.name = name
        self.type = type
    }

    /// How its values become JSON.
    public var form: Form {
        switch type {
        case "int2", "int4", "int8": .integer
        case "numeric", "float4", "float8": .number
        case "bool": .boolean
        case "text", "varchar", "bpchar", "name", "uuid": .text
        case "json", "jsonb": .json
        default: .printed
        }
    }

    /// The JSON of a value as an SQL expression, NULL for NULL.
    func json(of value: String) -> String {
        switch form {
        case .integer, .json: "\(value)::text"
        case .number, .boolean: "to_json(\(value))::text"
        // By the cast with which the daemon reads what `warm` returns: to_json() alone writes times with a T.
        case .text, .printed: "to_json(\(value)::text)::text"
        }
    }

    /// The settings that the spelling of its values depends on, at the values of the daemon's own sessions.
    func settings(timeZone: String) -> [TriggerFunction.Setting] {
        let digits = TriggerFunction.Setting(name: "extra_float_digits", value: "1")
        switch form {
        case .integer, .boolean, .text, .json: return []
        case .number: return [digits]
        case .printed:
            return [
                .init(name: "DateStyle", value: "ISO, YMD"), .init(name: "IntervalStyle", value: "postgres"),
                .init(name: "TimeZone", value: timeZone), .init(name: "bytea_output", value: "hex"), digits,
            ]
        }
    }
}
