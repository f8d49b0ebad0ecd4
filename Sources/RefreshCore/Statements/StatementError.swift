/// Why SQL text cannot become a statement of the daemon, and where in the text that is.
///
/// The place counts within the SQL itself. The description says nothing of the query that the SQL belongs to: who
/// reports it knows.
public struct StatementError: Error, Equatable, CustomStringConvertible {
    /// A fault of SQL text.
    public enum Problem: Equatable, Sendable {
        case nulByte
        case unclosedString
        case unclosedIdentifier
        case unclosedDollarQuote
        case unclosedComment
        case empty
        case severalStatements
        /// The word the text begins with, which none of SELECT, WITH, VALUES and TABLE is.
        case notSelect(String)
        /// A closing parenthesis without an opening one.
        case strayParenthesis
        case unclosedParenthesis
        /// `$number` stands in the text, but the query has only `count` parameters.
        case unknownParameter(number: Int, count: Int)
        case unusedParameter(number: Int)
        /// `result = "scalar"`, but the query returns `count` columns.
        case scalarColumns(count: Int)
        /// A resolver's columns are not as many as its query's parameters.
        case resolverColumns(count: Int, parameters: Int)
        /// A hash or a JSON object cannot hold two columns of one name.
        case repeatedColumn(String)
        /// The format cannot hold what the query returns.
        case unfitFormat(ValueFormat, ResultShape)
        /// The number of parameter types the server told is not the number of parameters.
        case typeCount(types: Int, parameters: Int)
        /// A query without parameters has one key; there is nothing to list.
        case needlessWarm
    }

    /// Which SQL of a query it is.
    public enum Source: String, Equatable, Sendable {
        case sql, warm
    }

    /// What is wrong.
    public let problem: Problem
    /// Which SQL it is in.
    public var source = Source.sql
    /// Nil where the fault is of the whole text.
    public let place: SQLPlace?

    init(_ problem: Problem, at offset: Int, in text: [UInt8]) {
        self.problem = problem
        place = SQLPlace(of: offset, in: text)
    }

    /// A problem of the whole text.
    public init(_ problem: Problem) {
        self.problem = problem
        place = nil
    }

    /// A sentence that says which SQL, where, what is wrong and what to do.
    public var description: String {
        guard let place else { return "\(source.rawValue): \(problem.sentence)" }
        return "\(source.rawValue), \(place): \(problem.sentence)"
    }
}

extension StatementError.Problem {
    fileprivate var sentence: String {
        switch self {
        case .nulByte: "the SQL has a NUL byte in it, which Postgres cannot read; remove it"
        case .unclosedString: "the string that begins here has no end; close it with a single quote"
        case .unclosedIdentifier: "the quoted name that begins here has no end; close it with a double quote"
        case .unclosedDollarQuote: "the dollar quote that begins here has no end; close it with the same tag"
        case .unclosedComment: "the comment that begins here has no end; close it with */"
        case .empty: "the SQL has nothing in it but space and comments; write a SELECT"
        case .severalStatements: "a second statement begins here; a query is one SELECT"
        case .notSelect(let word):
            "the SQL begins with '\(word)'; only SELECT, WITH, VALUES and TABLE can be registered as a query"
        case .strayParenthesis: "this ')' closes nothing; remove it or write the '(' it belongs to"
        case .unclosedParenthesis: "this '(' is never closed; write the ')' it belongs to"
        case .unknownParameter(let number, let count):
            switch (number, count) {
            case (Int.max, _): "no parameter has a number as large as this; write one of those in params"
            case (0, _): "$0 stands here, but parameters count from $1; write $1 for the first"
            case (_, 0): "$\(number) stands here, where there are no parameters; remove it, or add it to params"
            default: "$\(number) stands here, but the last parameter is $\(count); add it to params"
            }
        case .unusedParameter(let number):
            "$\(number) is never used; use it in the SQL or take its name out of params"
        case .scalarColumns(let count):
            "the query returns \(count) columns, but a scalar, or column, is exactly one; select one, or set result to \"row\""
        case .resolverColumns(let count, let parameters):
            "the resolver returns \(count) columns, but the query that it names has \(parameters) parameters; "
                + "select one column for each, in their order"
        case .repeatedColumn(let name):
            "two columns are named '\(name)', and one would hide the other; name one of them anew with AS"
        case .unfitFormat(.hash, let shape):
            "a hash holds the columns of one row, but result is \"\(shape.rawValue)\"; set it to \"row\""
        case .unfitFormat(let format, let shape):
            "format \"\(format.rawValue)\" holds one scalar, but result is \"\(shape.rawValue)\"; set it to \"scalar\""
        case .typeCount(let types, let parameters):
            "the server told \(types) parameter types for \(parameters) parameters; prepare the query again"
        case .needlessWarm: "the query has no parameters and so only one key, which needs no warm; remove it"
        }
    }
}
