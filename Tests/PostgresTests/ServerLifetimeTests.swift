import Glibc
import TestServers
import Testing

@Suite(.serialized) struct ServerLifetimeTests {
    /// A process that starts a server of its own and is killed: the server goes with it.
    @Test func theServerDiesWithAProcessThatIsKilled() async throws {
        let result = await #expect(processExitsWith: .signal(SIGKILL), observing: [\.standardOutputContent]) {
            let server = try PostgresServer.shared()
            try server.sql("SELECT 1")
            print("pid=" + (try server.sql("SELECT split_part(pg_read_file('postmaster.pid'), E'\\n', 1)")) + ";")
            fflush(nil)
            kill(getpid(), SIGKILL)
        }
        let output = String(decoding: result?.standardOutputContent ?? [], as: UTF8.self)
        let words = output.split(separator: "pid=").last?.prefix { $0 != ";" }
        let pid = try #require(words.flatMap { pid_t($0) }, "\(output)")
        let ended = await Task.detached {
            for _ in 0..<10_000 {
                if !isRunning(pid) { return true }
                usleep(1000)
            }
            return false
        }.value
        #expect(ended)
    }

    /// In a process of its own, for other tests use this one's server.
    @Test func aServerThatCrashesKeepsWhatWasCommitted() async throws {
        await #expect(processExitsWith: .success) {
            let server = try PostgresServer.shared()
            let url = try server.makeDatabase()
            try server.sql("CREATE TABLE t AS SELECT 7 AS a", url: url)
            try server.restart(immediate: true)
            let kept = try server.sql("SELECT a FROM t", url: url)
            exit(kept == "7" ? 0 : 1)
        }
    }
}

/// Whether a process runs; one that has ended and that nobody has waited for does not.
private func isRunning(_ pid: pid_t) -> Bool {
    guard let file = fopen("/proc/\(pid)/stat", "r") else { return false }
    defer { fclose(file) }
    var line = [CChar](repeating: 0, count: 256)
    guard fgets(&line, 256, file) != nil else { return false }
    let text = String(decoding: line.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    return text.split(separator: ")").last?.first { $0 != " " } != "Z"
}
