import ArgumentParser
import RefreshService

/// `rekindle refresh`: runs queries again, now.
struct Refresh: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Refreshes keys, or all keys of a region, and waits until they are stored.",
        discussion: """
            A key is given as its query makes it, with or without the region's prefix; --query and --params name it by \
            the query's parameters. Without a key all keys of the region are refreshed and its warm queries are run. \
            Ends with 1 when a key could not be refreshed.
            """)

    @OptionGroup var daemon: DaemonSocket
    @OptionGroup var patience: Patience
    @OptionGroup var keys: KeyArguments

    @Flag(help: "Print the daemon's JSON as it is.")
    var json = false

    func run() throws { try keys.send(to: daemon, "/refresh", soft: false, patience, asJSON: json, "refreshed") }
}

/// `rekindle invalidate`: deletes values, or marks them as stale.
struct Invalidate: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Deletes keys, or all keys of a region; with --soft they stay until they are replaced.",
        discussion: """
            With --soft, a value of dogpile.cache is marked as stale, so that one of its readers makes it anew while \
            the others get the old one; in any other region it is refreshed. Without a key the whole region is meant, \
            in every process that reads it by the strategy of the package `rekindle` for Python.
            """)

    @OptionGroup var daemon: DaemonSocket
    @OptionGroup var patience: Patience
    @OptionGroup var keys: KeyArguments

    @Flag(help: "Leave values where they are until they are replaced.")
    var soft = false

    @Flag(help: "Print the daemon's JSON as it is.")
    var json = false

    func run() throws { try keys.send(to: daemon, "/invalidate", soft: soft, patience, asJSON: json, "invalidated") }
}

/// A region and keys of it.
struct KeyArguments: ParsableArguments {
    @Argument(help: "The region.")
    var region: String

    @Argument(help: "Keys of the region; none for all.")
    var keys: [String] = []

    @Option(help: "The query whose key is meant.")
    var query: String?

    @Option(parsing: .upToNextOption, help: "Its parameters, as name=value.")
    var params: [String] = []

    func validate() throws {
        if !params.isEmpty, query == nil { throw ValidationError("--params needs --query NAME.") }
        if query != nil, !keys.isEmpty { throw ValidationError("Give keys, or --query and --params, not both.") }
        for pair in params where !pair.contains("=") {
            throw ValidationError("--params takes name=value, such as --params id=42.")
        }
    }

    /// Sends as many requests as the keys need, and prints what became of them.
    func send(
        to daemon: DaemonSocket, _ path: String, soft: Bool, _ patience: Patience, asJSON: Bool, _ word: String
    ) throws {
        for target in targets(path, soft: soft, patience) {
            let reply = ControlReply(try daemon.ask("POST", target, timeout: Patience.longest))
            try reply.finish(asJSON: asJSON, "\(word) in \(reply.seconds) s")
        }
    }

    private func targets(_ path: String, soft: Bool, _ patience: Patience) -> [String] {
        var start = TargetQuery()
        start.append("region", region)
        start.append("timeout", patience.timeout)
        if soft { start.append("soft", "yes") }
        if let query { start.append("query", query) }
        for pair in params {
            let sides = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            start.append("param.\(sides[0])", String(sides[1]))
        }
        if keys.isEmpty { return [path + start.text] }
        var targets: [String] = []
        var current = start
        for key in keys {
            if current.isFull {
                targets.append(path + current.text)
                current = start
            }
            current.append("key", key)
        }
        return targets + [path + current.text]
    }
}
