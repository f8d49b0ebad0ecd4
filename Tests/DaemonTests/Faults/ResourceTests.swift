import Glibc
import RefreshService
import TestDaemon
import TestServers
import Testing

/// The machine denies the daemon what it needs.
@Suite("Descriptors, memory, standard error", .serialized)
struct ResourceTests {
    @Test("too few file descriptors to start: it says so and ends")
    func fewDescriptors() throws {
        let site = try Site.shop(items: 20)
        for limit in [8, 16, 31] {
            let daemon = try site.start(.init(Shop.body), .init(launcher: ["prlimit", "--nofile=\(limit)"]))
            #expect(try daemon.waitForExit() == .code(71))
            #expect(daemon.log.contains("raise LimitNOFILE") && daemon.log.split(separator: "\n").count == 1)
        }
        let daemon = try site.daemon(.init(Shop.body), .init(launcher: ["prlimit", "--nofile=32"]))
        try daemon.converges(on: site)
    }

    @Test("clients take the last file descriptors: refreshes go on, nothing spins, and health answers again")
    func descriptorsRunOut() throws {
        let site = try Site.shop(items: 50)
        let daemon = try site.daemon(.init(Shop.body), .init(launcher: ["prlimit", "--nofile=40:40"]))
        var clients = (1...60).compactMap { _ in try? SocketStream(path: daemon.socketPath) }
        #expect(clients.count > 30)
        #expect(try daemon.processorShare(of: .seconds(2)) < 0.15, "it must not spin")
        try site.sql("UPDATE items SET v = v + 1")
        try daemon.converges(on: site)
        clients = []
        try daemon.eventually(200) { (try? daemon.answer("/healthz").status) ?? 0 }
    }

    @Test("memory runs out: it ends, and the next start makes all right", .enabled(if: MemoryBound.holds))
    func memoryRunsOut() throws {
        let site = try Site.shop(items: 200_000)
        var configuration = DaemonConfiguration(Shop.body)
        configuration.service = "queue_bytes = \"4GiB\""
        let daemon = try site.start(configuration)
        try daemon.waitUntilReady(within: .seconds(60))
        site.redis.kill()
        // A little more than it has now.
        let status = Files.read("/proc/\(daemon.id)/status")
        let size = try #require(status.split(separator: "\n").first { $0.hasPrefix("VmSize:") })
        let kib = try #require(Int(size.split(whereSeparator: \.isWhitespace)[1]))
        let limit = (kib << 10) + (8 << 20)
        _ = try Command.run(["prlimit", "--pid", "\(daemon.id)", "--as=\(limit)"])
        try site.sql("UPDATE items SET v = v + 1")
        let exit = daemon.process.waitForExit(within: .seconds(20))
        print("memory runs out: \(exit.map { "\($0)" } ?? "it lives")")
        #expect(exit != .code(0))
        daemon.kill()
        try site.redis.restart(keepingData: false)
        let next = try site.start(configuration)
        try next.waitUntilReady(within: .seconds(60))
        try next.converges(on: site, within: .seconds(60))
    }

    @Test("nobody reads its standard error: refreshes go on")
    func blockedLog() throws {
        let site = try Site.shop(items: 50)
        let pipe = "\(site.folder)/pipe"
        #expect(mkfifo(pipe, 0o600) == 0)
        let end = open(pipe, O_RDWR | O_CLOEXEC)
        defer { close(end) }
        let size = fcntl(end, 1031, 4096)  // F_SETPIPE_SZ
        #expect(size == 4096)
        let daemon = try site.daemon(
            .init(Shop.body), .init(launcher: ["sh", "-c", "exec \"$@\" 2>'\(pipe)'", "sh"]))
        for _ in 1...100 { try daemon.reload(.init(Shop.body)) }
        var state = pollfd(fd: end, events: Int16(POLLOUT), revents: 0)
        #expect(poll(&state, 1, 0) == 0, "the pipe is full")
        try site.sql("UPDATE items SET v = v + 1")
        try daemon.converges(on: site)
        #expect(try daemon.answer("/healthz").status == 200)
    }

    @Test("it is started without standard input, output and error: no line goes where a connection is")
    func closedLog() throws {
        let site = try Site.shop(items: 50)
        let daemon = try site.daemon(
            .init(Shop.body), .init(launcher: ["sh", "-c", "exec \"$@\" <&- >&- 2>&-", "sh"]))
        for _ in 1...3 {
            try daemon.reload(.init(Shop.body))
            try site.sql("UPDATE items SET v = v + 1")
            try daemon.converges(on: site)
        }
        #expect(try daemon.answer("/healthz").status == 200)
        #expect(try daemon.metric("rekindle_gaps_total") == 1, "no connection was hurt")
    }

    @Test("500 clients that drip a byte a second and never read: refreshes go on, memory stays, others are served")
    func slowClients() throws {
        let site = try Site.shop(items: 50)
        let daemon = try site.daemon(Shop.body)
        let memory = daemon.ownKiB
        let clients = (1...500).compactMap { _ in try? SocketStream(path: daemon.socketPath) }
        #expect(clients.count == 500)
        let begin = ContinuousClock.now
        var served: Duration?
        for byte in "GET /status HTTP/1.1\r\n".utf8 {
            for client in clients { _ = try? client.write([byte]) }
            let second = ContinuousClock.now + .seconds(1)
            try site.sql("UPDATE items SET v = v + 1")
            try daemon.converges(on: site, within: .seconds(2))
            if (try? daemon.answer("/healthz").status) == 200 {
                served = ContinuousClock.now - begin
                break
            }
            try eventually { ContinuousClock.now >= second }
        }
        print("500 slow clients: another is served after \(served.map { "\($0.milliseconds)" } ?? "never") ms")
        #expect(try #require(served) < .seconds(15))
        #expect(!MemoryBound.holds || daemon.ownKiB - memory < 16 << 10)
    }

    @Test("Postgres and Redis are started after it, in either order", arguments: [true, false])
    func serversStartLate(redisFirst: Bool) throws {
        let site = try Site.shop(items: 50, ownPostgres: true)
        site.postgres.stop()
        site.redis.kill()
        let daemon = try site.start(.init(Shop.body))
        try daemon.eventually { daemon.readiness == 503 }
        #expect(try daemon.processorShare(of: .seconds(1)) < 0.15)
        if redisFirst { try site.redis.restart(keepingData: false) } else { try site.postgres.start() }
        try daemon.eventually {
            try daemon.status()[redisFirst ? "connections.redis.up" : "connections.listener.up"] == "true"
        }
        #expect(daemon.readiness == 503 && daemon.process.exit == nil)
        if redisFirst { try site.postgres.start() } else { try site.redis.restart(keepingData: false) }
        try daemon.waitUntilReady(within: .seconds(30))
        try daemon.converges(on: site)
    }
}
