/// Where a parameter is found in a payload.
public enum ParameterSource: Sendable, Equatable {
    /// Names and indexes from the root of a JSON payload, such as `row`, `ids`, `0`.
    case json([String])
    /// The field of a delimited payload, from 0.
    case field(Int)
    /// The whole payload as text.
    case payload

    /// Reads the spelling of the configuration: `row.ids.0` for JSON, `0` for csv, `payload` for text.
    ///
    /// Returns nil when the spelling does not fit the format.
    public init?(_ spelling: String, in format: PayloadFormat) {
        switch format {
        case .json:
            let parts = spelling.split(separator: ".", omittingEmptySubsequences: false).map(String.init)
            guard !parts.contains("") else { return nil }
            self = .json(parts)
        case .csv:
            guard let index = Int(spelling), index >= 0, index < 1_000 else { return nil }
            self = .field(index)
        case .text:
            guard spelling == "payload" else { return nil }
            self = .payload
        }
    }

    /// Compares names as bytes: a JSON object can have two that are canonically equivalent.
    public static func == (left: Self, right: Self) -> Bool {
        switch (left, right) {
        case (.json(let left), .json(let right)):
            left.count == right.count && zip(left, right).allSatisfy { $0.utf8.elementsEqual($1.utf8) }
        case (.field(let left), .field(let right)): left == right
        case (.payload, .payload): true
        default: false
        }
    }
}
