/// How to reach and enter one Postgres database.
///
/// Its description names nothing but the application, for the URL may hold a password.
public struct PostgresSettings: Sendable, CustomStringConvertible {
    /// Any libpq URI or `keyword=value` string, or the bare name of a database; several hosts are tried in order.
    public var url: String
    /// The password from a credential, without a newline at its end; one in the URL goes before it.
    public var password: [UInt8]?
    /// What `pg_stat_activity` shows, unless the URL says otherwise.
    public var applicationName: String
    /// The deadline of a whole attempt to connect, over all hosts and addresses.
    public var connectTimeout: Duration
    /// Whether a hot standby, which takes no LISTEN and shows rows late, is refused; servers before 14 do not tell.
    public var refusesStandby: Bool

    /// Takes the settings as they are; they are judged when a connection is made.
    public init(
        url: String, password: [UInt8]? = nil, applicationName: String, connectTimeout: Duration = .seconds(10),
        refusesStandby: Bool = false
    ) {
        self.url = url
        self.password = password
        self.applicationName = applicationName
        self.connectTimeout = connectTimeout
        self.refusesStandby = refusesStandby
    }

    /// The application's name and nothing else.
    public var description: String { "PostgresSettings(\(applicationName))" }
}
