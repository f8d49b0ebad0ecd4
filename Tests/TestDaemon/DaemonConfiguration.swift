/// A configuration file in the making: the servers are filled in, a test writes the rest.
package struct DaemonConfiguration {
    /// Lines of `[service]`.
    package var service = ""
    /// Further lines of `[postgres]`.
    package var postgres = ""
    /// Further lines of `[redis]`.
    package var redis = ""
    /// Further lines of `[health]`.
    package var health = ""
    /// Lines of `[sampler]`. It is off, unless a test is about it: tests make values wrong and look at them.
    package var sampler = "interval = \"0\""
    /// Regions, queries, channels and tables.
    package var body: String
    /// URLs in place of those of the site, such as that of a proxy.
    package var postgresURL: String?
    /// The same, of Redis.
    package var redisURL: String?

    /// A configuration with these regions, queries, channels and tables.
    package init(_ body: String = "") { self.body = body }

    /// The file's text.
    package func text(postgresURL: String, redisURL: String, socket: String) -> String {
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
        [sampler]
        \(sampler)
        \(body)

        """
    }
}
