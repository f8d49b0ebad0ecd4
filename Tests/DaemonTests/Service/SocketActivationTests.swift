import Glibc
import RefreshService
import TestDaemon
import Testing

@Suite("A passed socket")
struct SocketActivationTests {
    @Test("the daemon answers on the socket that the manager passed, and makes none of its own")
    func passed() throws {
        let site = try Site.shop(items: 5)
        let path = "\(site.folder)/passed.sock"
        let daemon = try site.start(
            .init(Shop.body),
            .init(
                launcher: ["systemd-socket-activate", "-E", "SWIFT_BACKTRACE=enable=no"]
                    + ["ASAN_OPTIONS", "LSAN_OPTIONS", "TSAN_OPTIONS"].flatMap { ["-E", $0] } + ["-l", path]))
        try daemon.eventually(200, within: .seconds(20)) { (try? HealthClient(path: path).get("/readyz").status) ?? 0 }
        try daemon.converges(on: site)
        #expect(access(daemon.socketPath, F_OK) != 0)
        daemon.signal(SIGTERM)
        #expect(try daemon.waitForExit() == .code(0))
        #expect(access(path, F_OK) == 0, "the socket is the manager's")
    }
}
