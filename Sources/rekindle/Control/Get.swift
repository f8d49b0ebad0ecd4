import ArgumentParser
import Glibc
import RefreshService

/// `rekindle get`: a value, from the cache or made for it.
struct Get: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Prints the value of a key: from the cache, or made by its query when it is not there.",
        discussion: "Ends with 1 when there is no row for the key, or its query fails.")

    @OptionGroup var daemon: DaemonSocket
    @OptionGroup var patience: Patience

    @Argument(help: "The region.")
    var region: String

    @Argument(help: "The key, as its query makes it, with or without the region's prefix.")
    var key: String

    func run() throws {
        var query = TargetQuery()
        query.append("timeout", patience.timeout)
        let path = "/regions/\(PercentText.encoded(region.utf8))/\(PercentText.encoded(key.utf8))"
        let reply = try daemon.ask("GET", path + query.text, timeout: Patience.longest)
        if reply.status == 200 { return standardOutput(String(decoding: reply.body, as: UTF8.self)) }
        let answer = ControlReply(reply)
        try answer.explain(failingWith: answer.code == EX_UNAVAILABLE ? EX_UNAVAILABLE : 1)
    }
}
