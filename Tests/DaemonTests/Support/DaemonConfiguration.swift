/// A configuration file in the making: the servers are filled in, a test writes the rest.
struct DaemonConfiguration {
    /// Lines of `[service]`.
    var service = ""
    /// Further lines of `[postgres]`.
    var postgres = ""
    /// Further lines of `[redis]`.
    var redis = ""
    /// Further lines of `[health]`.
    var health = ""
    /// Regions, queries, channels and tables.
    var body: String
    /// URLs in place of those of the site, such as that of a proxy.
    var postgresURL: String?
    var redisURL: String?

    init(_ body: String = "") { self.body = body }

    /// The file's text.
    func text(postgresURL: String, redisURL: String, socket: String) -> String {
        """
        [service]
        \(service)
        [postgres]
        url = "\(self.postgresURL ?? postgresURL)"
        \(postgres)
        [redis]
        url = "\(self.redisURL ?? redisURL)"
        \(redis)
        [health]
        socket = "\(socket)"
        \(health)
        \(body)

        """
    }
}
