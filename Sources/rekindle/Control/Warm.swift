import ArgumentParser
import Glibc
import RefreshService

/// `rekindle warm`: fills regions, and shows how far it is.
struct Warm: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Fills regions anew and waits until they are warm.",
        discussion: """
            Refreshes every key of the regions and runs their warm queries, or those of all regions. On a terminal it \
            shows a bar with the time left, by the planner's estimate of the rows; in a pipe a line every ten seconds. \
            Ends with 1 when a region could not be filled.
            """)

    @OptionGroup var daemon: DaemonSocket

    @Option(help: "How long to wait, such as 500ms, 30s or 5m; at most 1h.")
    var timeout = "1h"

    @Argument(help: "The regions; none for all.")
    var regions: [String] = []

    @Flag(help: "Print the daemon's JSON as it is.")
    var json = false

    func run() throws {
        var query = TargetQuery()
        query.append("timeout", timeout)
        for name in regions { query.append("region", name) }
        let path = daemon.path
        var answer: ControlReply?
        do throws(HealthError) {
            var request = try HealthClient(path: path, timeout: Patience.longest).begin("POST", "/warm" + query.text)
            var show = WarmProgress(regions: regions, isQuiet: json)
            while answer == nil {
                if let reply = try request.reply(within: .milliseconds(200)) {
                    show.end()
                    answer = ControlReply(reply)
                    break
                }
                show.update(try HealthClient(path: path).get("/status"))
            }
        } catch {
            throw DaemonSocket.unavailable(error)
        }
        if let answer { try answer.finish(asJSON: json, "warm after \(answer.seconds) s") }
    }
}
