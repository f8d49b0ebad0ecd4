/// What was found where a parameter's source points to.
public enum Field: Sendable, Equatable {
    /// A text, a number or a truth value, as text.
    case value(Bytes)
    /// An object or an array, as JSON text.
    case container(Bytes)
    /// A JSON null.
    case null
    /// Nothing.
    case absent
    /// The payload is not of its format.
    case malformed
}

/// Why a payload does not fit its channel's rules; it says where, never what the payload holds.
public struct PayloadFault: Error, Sendable, Equatable, CustomStringConvertible {
    /// What is wrong.
    public enum Problem: Sendable, Equatable {
        case malformed(PayloadFormat)
        case absent
        case null
        case container
        /// The value is none of the parameter's type.
        case unfit(type: String)
    }

    /// What is wrong.
    public let problem: Problem
    /// The parameter that was to be filled.
    public let parameter: String

    /// The payload is not JSON, which was seen before any parameter was looked for.
    public static var notJSON: PayloadFault { PayloadFault(problem: .malformed(.json), parameter: "") }

    /// The rest of a sentence, without a full stop.
    public var description: String {
        switch problem {
        case .malformed(let format): "the payload is not valid \(format.rawValue)"
        case .absent: "the payload has nothing where parameter \"\(parameter)\" is to be taken from"
        case .null: "the payload has null where parameter \"\(parameter)\" is to be taken from"
        case .container: "the payload has an object or array where parameter \"\(parameter)\" is to be taken from"
        case .unfit(let type): "the payload has no \(type) where parameter \"\(parameter)\" is to be taken from"
        }
    }
}
