import ArgumentParser
import RefreshService

/// `rekindle sync`: the barrier.
struct Sync: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Waits until all that was committed before is in the cache.",
        discussion: """
            Sends a notification behind those of all earlier commits, and returns once it has come and everything \
            that was asked for until then is stored. Ends with 1 when something can not be refreshed, or the time is \
            over; --region leaves other regions out of account.
            """)

    @OptionGroup var daemon: DaemonSocket
    @OptionGroup var patience: Patience

    @Option(help: "A region to wait for; may be given several times. Otherwise all.")
    var region: [String] = []

    @Flag(help: "Print the daemon's JSON as it is.")
    var json = false

    func run() throws {
        var query = TargetQuery()
        query.append("timeout", patience.timeout)
        for name in region { query.append("region", name) }
        let reply = ControlReply(try daemon.ask("POST", "/sync" + query.text, timeout: Patience.longest))
        try reply.finish(asJSON: json, "in the cache after \(reply.seconds) s")
    }
}
