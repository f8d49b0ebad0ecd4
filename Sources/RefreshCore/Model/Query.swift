/// The shape of what a query returns for one set of parameters.
public enum ResultShape: String, Sendable, CaseIterable {
    /// One row: a JSON object, or the fields of a hash.
    case row
    /// Any number of rows: a JSON array of objects.
    case rows
    /// The single column of one row.
    case scalar
    /// The single column of any number of rows: a JSON array of its values.
    case column
    /// A key for each row, made of the row's columns.
    case byKey = "by_key"

    /// Whether there may be any number of rows, stored as one array.
    public var isList: Bool { self == .rows || self == .column }
    /// Whether there is one column, whose name does not matter.
    public var hasOneColumn: Bool { self == .scalar || self == .column }
}

/// What is stored when the query returns no row.
public enum MissingPolicy: String, Sendable, CaseIterable {
    /// The key is deleted.
    case delete
    /// JSON `null` (or an empty text) is stored, so that readers can tell "no such row" from a miss.
    case null
    /// An empty JSON array is stored; only for `result = "rows"` and `"column"`, and their default.
    case empty
}

/// For which keys an event has a query run.
public enum Occasion: String, Sendable, CaseIterable {
    /// For each that it names.
    case always
    /// For those that are in the cache; others are made when somebody asks for them.
    case cached
}

/// A registered SELECT, bound to a region, with the template that makes a key of its parameters.
public struct Query: Sendable, Equatable {
    /// What the configuration calls it.
    public let name: QueryName
    /// The region that its values are stored in.
    public let region: RegionName
    /// The key without the region's prefix.
    public let key: KeyTemplate
    /// The names of `$1…`, in order.
    public let parameters: [String]
    /// The SELECT, with `$1…` for its parameters.
    public let sql: String
    /// The shape of what it returns.
    public let result: ResultShape
    /// What is stored when it returns no row.
    public let missing: MissingPolicy
    /// A SELECT that returns the parameters of every key to fill, one column a parameter.
    public let warm: String?
    /// For which keys an event has it run.
    public let when: Occasion
    /// The query whose parameters its rows are: then it fills nothing, and what it names is refreshed.
    public let target: QueryName?

    /// The SELECT whose rows fill all of the region, each a key made of its columns; nil for any other query.
    ///
    /// `sql` then is the same for one key, `parameters` are the columns.
    public let all: String?

    /// Makes a query of its parts.
    public init(
        name: QueryName, region: RegionName, key: KeyTemplate, parameters: [String], sql: String,
        result: ResultShape, missing: MissingPolicy, warm: String?, when: Occasion = .always,
        target: QueryName? = nil, all: String? = nil
    ) {
        self.name = name
        self.region = region
        self.key = key
        self.parameters = parameters
        self.sql = sql
        self.result = result
        self.missing = missing
        self.warm = warm
        self.when = when
        self.target = target
        self.all = all
    }
}
