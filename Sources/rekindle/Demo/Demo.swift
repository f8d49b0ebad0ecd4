import Glibc
import Postgres
import Reactor

/// One demonstration, from the scratch folder to its removal.
@Loop
final class Demo {
    private let settings: DemoSettings
    private let over = Waiter<Void>()
    private var signals: [SignalSource] = []
    private var servers: DemoServers?
    private var show: DemoShow?
    private var failure: DemoError?
    private var isGood = true

    init(_ settings: DemoSettings) { self.settings = settings }

    /// Runs it, and ends all that it started whatever happens; gives the exit code.
    func run() async -> Int32 {
        do throws(DemoError) {
            let environment = [String: String].current
            let programs = try DemoPrograms.find(path: environment["PATH"] ?? "")
            try watchSignals()
            let folder = try ScratchFolder.make(under: environment["TMPDIR"])
            let servers = try DemoServers(programs, folder: folder, environment: Self.clean(environment))
            self.servers = servers
            servers.onLoss = { [unowned self] in end($0) }
            await withDiscardingTaskGroup { group in
                group.addTask { await self.play(servers) }
                try? await self.over.wait()
                group.cancelAll()
            }
            show?.disconnect()
            await servers.stop(keep: settings.keep)
            say(ending(folder))
        } catch {
            end(error)
        }
        guard let failure else { return isGood ? 0 : 1 }
        if case .outputClosed = failure { return failure.exitCode }
        standardError("rekindle: \(failure)")
        return failure.exitCode
    }

    private func play(_ servers: DemoServers) async {
        do throws(DemoError) {
            try await start(servers)
            let show = try await DemoShow(servers, settings)
            self.show = show
            try await show.run()
            say("Stopping the load and comparing every value with its query")
            let summary = try await show.finish()
            isGood = summary.isGood
            if settings.json {
                standardOutput(summary.json)
            } else {
                standardOutput("\n" + summary.lines.joined(separator: "\n"))
            }
        } catch {
            end(error)
        }
        over.give(())
    }

    private func start(_ servers: DemoServers) async throws(DemoError) {
        let folder = servers.folder
        let begin = EventLoop.now
        say("Starting Postgres and Redis in \(folder.path)")
        try await servers.initialisePostgres()
        try await servers.startRedis()
        try await servers.startPostgres()
        say("Filling a shop with \(Figures.count(settings.items)) items")
        let schema = ShopSchema(items: settings.items).sql
        try folder.write(schema, to: folder.schema)
        try folder.write(ShopConfiguration(scratch: folder.path).text, to: folder.configuration)
        try await demoStep("filling the shop") {
            let connection = try await servers.connection("schema")
            try await connection.execute(schema, timeout: .seconds(300))
            connection.close()
        }
        let filled = EventLoop.now
        try await servers.startDaemon(within: .seconds(120))
        let warm = Figures.time(nanoseconds: EventLoop.now - filled)
        let whole = Figures.time(nanoseconds: EventLoop.now - begin)
        say("The daemon is ready, its cache warm, after \(warm); \(whole) in all")
    }

    private func ending(_ folder: ScratchFolder) -> String {
        if settings.keep { return "Kept \(folder.path)" }
        return unsafe access(folder.path, F_OK) == 0 ? "\(folder.path) could not be removed" : "Removed \(folder.path)"
    }

    /// Ends the demonstration; the first reason counts.
    private func end(_ reason: DemoError) {
        if failure == nil { failure = reason }
        over.give(())
    }

    private func watchSignals() throws(DemoError) {
        do throws(ReactorError) {
            signals.append(try SignalSource(SIGCHLD) { [unowned self] in servers?.childrenChanged() })
            signals.append(
                try SignalSource(SIGINT) { [unowned self] in
                    // The first one ends the load; the check and the summary still come.
                    if show?.stop() != true { end(.interrupted(SIGINT)) }
                })
            for signal in [SIGTERM, SIGHUP] {
                signals.append(try SignalSource(signal) { [unowned self] in end(.interrupted(signal)) })
            }
        } catch {
            throw .step("\(error)")
        }
    }

    /// Tells what happens, apart from what a program may read.
    private func say(_ words: String) {
        if !settings.json { standardError(words) }
    }

    /// The environment without what would lead the servers or libpq elsewhere; this process' own loses it as well.
    private static func clean(_ environment: [String: String]) -> [String: String] {
        var kept = environment
        let foreign = ["PG", "LISTEN_", "NOTIFY_", "WATCHDOG_", "CREDENTIALS_", "REKINDLE_"]
        for name in environment.keys where foreign.contains(where: name.hasPrefix) {
            unsafe unsetenv(name)
            kept[name] = nil
        }
        // The guard needs them whatever the user has.
        kept["PATH"] = (environment["PATH"] ?? "") + ":/usr/bin:/bin"
        kept["LC_ALL"] = "C.UTF-8"
        return kept
    }
}
