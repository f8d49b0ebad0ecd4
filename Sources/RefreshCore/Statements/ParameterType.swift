/// The Postgres type of a query's parameter, as far as keys and statements depend on it.
public enum ParameterType: Hashable, Sendable {
    case int2, int4, int8, bool, uuid
    /// A type whose values are their spelling: `text` and `character varying`.
    case textLike(String)
    /// Any other, by the name SQL has for it; equal values may have several spellings.
    case other(String)

    /// Takes a name as `format_type(oid, -1)` gives it, or one of the short names.
    ///
    /// With the modifier NULL instead of -1, `format_type` says `character` and `bit` for types of any length,
    /// which SQL reads as a length of one; these two are taken for what is meant.
    public init(name: String) {
        switch name {
        case "int2", "smallint": self = .int2
        case "int4", "integer", "int": self = .int4
        case "int8", "bigint": self = .int8
        case "bool", "boolean": self = .bool
        case "uuid": self = .uuid
        case "text", "character varying", "varchar": self = .textLike(name)
        case "character": self = .other("bpchar")
        case "bit": self = .other("\"bit\"")
        default: self = .other(name)
        }
    }

    /// The name that SQL casts to.
    public var name: String {
        switch self {
        case .int2: "int2"
        case .int4: "int4"
        case .int8: "int8"
        case .bool: "bool"
        case .uuid: "uuid"
        case .textLike(let name), .other(let name): name
        }
    }

    /// Whether equal values always come out of `canonical(_:)` as equal bytes, and so make one key.
    public var hasCanonicalSpelling: Bool {
        if case .other = self { false } else { true }
    }

    /// Whether many values can be passed as one array with commas.
    ///
    /// An array of arrays is one array to Postgres, and a few types part their elements otherwise.
    var fitsArray: Bool {
        guard case .other(let name) = self else { return true }
        let base = name.split(separator: ".").last.map(String.init) ?? name
        return !name.hasSuffix("]") && !["box", "geometry", "geography", "box2d", "box3d"].contains(base)
            && !base.hasPrefix("geometry(") && !base.hasPrefix("geography(")
    }

    /// Whether the elements of an array literal need quotes.
    var needsQuotes: Bool {
        switch self {
        case .int2, .int4, .int8, .bool, .uuid: false
        case .textLike, .other: true
        }
    }
}
