import ArgumentParser
import Glibc
import Reactor

/// `rekindle demo`: a shop, its load and the daemon, with nothing to install or configure but the two servers.
struct DemoCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "demo",
        abstract: "Shows the daemon at work on a small shop, with servers of its own.",
        discussion: """
            Starts a private Postgres and Redis from the system's programs in a scratch folder, on Unix sockets only, \
            fills a shop whose triggers notify, starts `rekindle serve` on it, and changes prices, sells, deletes \
            and restocks. On a terminal it shows the live picture until Ctrl-C; in a pipe, a line a second for 20 \
            seconds. Then the load stops, every cached value is compared with its query, and all that was started \
            is ended and removed, also after a kill.

            Exits with 0 when all values were equal, with 1 when not or when the daemon ended, with 69 when a program \
            is missing.
            """)

    @Option(help: "How long the load runs, in seconds; 0 is until Ctrl-C. (default: 0 on a terminal, else 20)")
    var seconds: Int?

    @Option(help: "Changes a second, bursts not counted.")
    var rate = 1000

    @Option(help: "How many items the shop has.")
    var items = 10_000

    @Flag(help: "Print nothing but a summary as one JSON object.")
    var json = false

    @Flag(help: "Leave the scratch folder, with configuration, schema and logs, when it ends.")
    var keep = false

    @Flag(help: "Print the demo's schema and configuration, and do nothing else.")
    var printConfig = false

    func validate() throws {
        guard (0...86_400).contains(seconds ?? 0) else { throw ValidationError("--seconds takes 0 to 86400.") }
        guard (1...100_000).contains(rate) else { throw ValidationError("--rate takes 1 to 100000.") }
        guard (100...1_000_000).contains(items) else { throw ValidationError("--items takes 100 to 1000000.") }
    }

    func run() throws {
        if printConfig {
            print(ShopSchema(items: items).sql)
            print("\n" + ShopConfiguration(scratch: "/tmp/rekindle-demo").text, terminator: "")
            return
        }
        // Blocked before other threads start, which inherit it: signals are the loop's.
        signal(SIGPIPE, SIG_IGN)
        var blocked = sigset_t()
        unsafe sigemptyset(&blocked)
        for signal in [SIGINT, SIGTERM, SIGHUP, SIGCHLD] { unsafe sigaddset(&blocked, signal) }
        unsafe pthread_sigmask(SIG_BLOCK, &blocked, nil)
        let settings = settings()
        throw ExitCode(EventLoop.shared.run { await Demo(settings).run() })
    }

    private func settings() -> DemoSettings {
        let environment = [String: String].current
        let isTerminal = isatty(STDOUT_FILENO) == 1 && environment["TERM"] != "dumb" && !json
        let isBare = !(environment["NO_COLOR"] ?? "").isEmpty
        let seconds = seconds ?? (isTerminal ? 0 : 20)
        return DemoSettings(
            seconds: seconds == 0 ? nil : seconds, rate: rate, items: items, json: json, keep: keep,
            isTerminal: isTerminal, colour: isTerminal && !isBare)
    }
}
