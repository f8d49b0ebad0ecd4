import Glibc
import TestServers
import Testing

/// The built program's `demo`, as a process. One at a time: each has servers of its own.
@Suite(.serialized, .timeLimit(.minutes(3)))
struct DemoTests {
    @Test("It shows the load, finds all values equal, and leaves nothing behind")
    func runs() throws {
        let demo = try DemoProcess(["--seconds", "2"])
        let code = demo.end()
        let words = demo.output.joined(separator: "\n")
        #expect(code == 0, "\(words)")
        #expect(words.contains("all 10,097 values equal their queries"), "\(words)")
        #expect(words.contains("no value went back to an older one"), "\(words)")
        #expect(demo.output.contains { $0.contains("events") && $0.contains("lag p50") }, "\(words)")
        #expect(demo.remains() == [])
    }

    @Test("Its JSON is one object and nothing else")
    func json() throws {
        let demo = try DemoProcess(["--seconds", "1", "--json", "--items", "500"])
        #expect(demo.end() == 0)
        #expect(demo.output.count == 1)
        #expect(demo.output.first?.hasPrefix("{\"seconds\": 1.") == true, "\(demo.output)")
        #expect(demo.output.first?.contains("\"values\": 597, \"different\": 0}") == true, "\(demo.output)")
        #expect(demo.remains() == [])
    }

    @Test("Ctrl-C ends the load; check and summary still come")
    func interrupt() throws {
        let demo = try DemoProcess(["--seconds", "0"])
        #expect(demo.line(with: "lag p50") != nil, "\(demo.output)")
        kill(demo.pid, SIGINT)
        #expect(demo.end() == 0, "\(demo.output)")
        #expect(demo.output.contains { $0.contains("values equal their queries") }, "\(demo.output)")
        #expect(demo.remains() == [])
    }

    @Test("SIGTERM and SIGHUP end it at once", arguments: [SIGTERM, SIGHUP])
    func terminate(signal: Int32) throws {
        let demo = try DemoProcess(["--seconds", "0"])
        #expect(demo.line(with: "lag p50") != nil, "\(demo.output)")
        kill(demo.pid, signal)
        #expect(demo.end() == 128 + signal, "\(demo.output)")
        #expect(demo.remains() == [])
    }

    @Test(
        "kill -9, whenever it comes, leaves neither a process nor the folder",
        arguments: ["Starting", "Filling", "ready", "lag p50"])
    func killed(after words: String) throws {
        let demo = try DemoProcess(["--seconds", "0"])
        #expect(demo.line(with: words) != nil, "\(demo.output)")
        kill(demo.pid, SIGKILL)
        #expect(demo.end() == 128 + SIGKILL, "\(demo.output)")
        #expect(demo.remains() == [])
    }

    @Test("It says that the daemon was killed, and ends")
    func daemonKilled() throws {
        let demo = try DemoProcess(["--seconds", "0"])
        #expect(demo.line(with: "lag p50") != nil, "\(demo.output)")
        let folder = try #require(demo.scratch)
        let daemon = try #require(Self.process(with: ["\0serve\0", folder]))
        kill(daemon, SIGKILL)
        #expect(demo.end() == 1, "\(demo.output)")
        #expect(demo.output.last?.contains("Rekindle was killed by signal 9") == true, "\(demo.output)")
        #expect(demo.remains() == [])
    }

    @Test("A value that is not its query's is found and named")
    func wrongValue() throws {
        // So few changes that nobody puts it right.
        let demo = try DemoProcess(["--seconds", "1", "--rate", "1", "--items", "50000"])
        #expect(demo.line(with: "ready") != nil, "\(demo.output)")
        let socket = try #require(demo.scratch) + "/redis.sock"
        #expect(Self.run("/usr/bin/redis-cli", "-s", socket, "SET", "shop:item:49000", #"{"id":49000}"#) == 0)
        #expect(Self.run("/usr/bin/redis-cli", "-s", socket, "DEL", "shop:item:49001") == 0)
        #expect(demo.end() == 1, "\(demo.output)")
        let verdict = "2 of 50,097 VALUES DIFFER from their queries: shop:item:49000, shop:item:49001"
        #expect(demo.output.contains { $0.hasSuffix(verdict) }, "\(demo.output)")
        #expect(demo.remains() == [])
    }

    @Test("A missing program is named with its package")
    func missing() throws {
        let demo = try DemoProcess([], path: "/nonexistent")
        #expect(demo.end() == EX_UNAVAILABLE)
        #expect(demo.output.last?.contains("apt install ") == true, "\(demo.output)")
        #expect(demo.remains() == [])
    }

    /// The process whose command line holds all of these.
    private static func process(with words: [String]) -> pid_t? {
        for name in folderEntries("/proc") {
            guard let pid = pid_t(name) else { continue }
            let descriptor = open("/proc/\(pid)/cmdline", O_RDONLY | O_CLOEXEC)
            if descriptor < 0 { continue }
            defer { close(descriptor) }
            var bytes = [UInt8](repeating: 0, count: 4096)
            let count = read(descriptor, &bytes, bytes.count)
            let line = String(decoding: bytes.prefix(max(0, count)), as: UTF8.self)
            if words.allSatisfy({ line.contains($0) }) { return pid }
        }
        return nil
    }

    private static func run(_ arguments: String...) -> Int32 {
        var words: [UnsafeMutablePointer<CChar>?] = arguments.map { strdup($0) } + [nil]
        defer { for word in words { free(word) } }
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", O_WRONLY, 0)
        var pid = pid_t()
        guard posix_spawn(&pid, arguments[0], &actions, nil, &words, environ) == 0 else { return -1 }
        var status: Int32 = 0
        while waitpid(pid, &status, 0) < 0, errno == EINTR {}
        return status
    }
}
