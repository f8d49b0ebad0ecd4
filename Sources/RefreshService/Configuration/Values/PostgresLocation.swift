/// Where Postgres is, as libpq takes it: a URI, a conninfo string, or nothing for libpq's own defaults.
public struct PostgresLocation: Sendable, Equatable, CustomStringConvertible, CustomDebugStringConvertible,
    CustomReflectable
{
    /// What `PQconnectStartParams` takes as `dbname` with `expand_dbname`; it may hold a password.
    public let conninfo: String
    /// True when a password stands in it, which everybody sees who may read the file.
    public let hasPassword: Bool

    /// libpq's own defaults.
    static let none = PostgresLocation(conninfo: "", hasPassword: false)

    private init(conninfo: String, hasPassword: Bool) {
        self.conninfo = conninfo
        self.hasPassword = hasPassword
    }

    init(_ text: String) throws(Complaint) {
        conninfo = text
        if let locator = LocatorText(text), !locator.scheme.contains("=") {
            guard ["postgresql", "postgres"].contains(locator.scheme) else {
                throw Complaint("has an unknown scheme; a libpq URI begins with postgresql://")
            }
            hasPassword =
                locator.password?.isEmpty == false
                || locator.query.contains { $0.name.percentDecoded()?.hasSuffix("password") ?? true }
        } else {
            guard text.isEmpty || text.contains("=") else {
                throw Complaint("must be a libpq URI such as \"postgresql:///shop?host=/run/postgresql\"")
            }
            hasPassword = Self.names(ofConninfo: text).contains { $0.utf8.suffix(8).elementsEqual("password".utf8) }
        }
    }

    /// The words before an `=`, inside quotes or not; one too many is harmless here.
    private static func names(ofConninfo text: String) -> [Substring] {
        text.utf8.split(separator: UInt8(ascii: "="), omittingEmptySubsequences: false).dropLast().compactMap { part in
            Substring(part).split(whereSeparator: \.isWhitespace).last
        }
    }

    /// The location; with a password in it, not a word of it.
    public var description: String { hasPassword ? "<redacted>" : conninfo }
    /// As the description.
    public var debugDescription: String { description }
    /// Nothing.
    public var customMirror: Mirror { Mirror(self, children: []) }
}
