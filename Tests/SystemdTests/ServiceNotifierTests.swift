import Glibc
import Testing

@testable import Systemd

// The environment belongs to the whole process, so each test that sets it runs in a process of its own.
@Suite struct ServiceNotifierTests {
    @Test func sendsWhatTheManagerKnows() async throws {
        let manager = try DatagramSocket()
        let path = manager.path
        await #expect(processExitsWith: .success) { [path = path as String] in
            setenv("NOTIFY_SOCKET", path, 1)
            let notifier = ServiceNotifier()
            #expect(notifier.isActive)
            #expect(notifier.ready(status: "12 regions\nSTOPPING=1"))
            notifier.status("warm 5 %")
            notifier.reloading()
            notifier.watchdog()
            notifier.extendTimeout(by: .milliseconds(1_500))
            notifier.failed(errno: 13, status: "no")
            notifier.stopping()
        }
        let messages = manager.receiveAll()
        try #require(messages.count == 7)
        #expect(messages[0] == "READY=1\nSTATUS=12 regions STOPPING=1")
        #expect(messages[1] == "STATUS=warm 5 %")
        #expect(messages[2].hasPrefix("RELOADING=1\nMONOTONIC_USEC="))
        #expect(try #require(Int(messages[2].split(separator: "=").last ?? "")) > 0)
        #expect(messages[3] == "WATCHDOG=1")
        #expect(messages[4] == "EXTEND_TIMEOUT_USEC=1500000")
        #expect(messages[5] == "ERRNO=13\nSTATUS=no")
        #expect(messages[6] == "STOPPING=1")
    }

    @Test func isSilentWithoutAManager() async {
        await #expect(processExitsWith: .success) {
            unsetenv("NOTIFY_SOCKET")
            let notifier = ServiceNotifier()
            #expect(!notifier.isActive)
            #expect(!notifier.ready())
        }
    }

    @Test func aStatusStaysOneShortLine() {
        let text = NotifyMessage(status: "a\u{0}b\r\nREADY=1\u{2028}" + String(repeating: "é", count: 5_000)).text
        #expect(text.hasPrefix("STATUS=a b  READY=1 é"))
        #expect(!text.contains("\n"))
        #expect(text.utf8.count <= NotifyMessage.statusLimit + 7)
    }

    @Test(arguments: [
        (Duration.zero, 0 as UInt64), (.microseconds(-5), 0), (.microseconds(1), 1), (.seconds(2), 2_000_000),
        (.seconds(Int64.max), UInt64.max),
    ])
    func microseconds(duration: Duration, expected: UInt64) {
        #expect(duration.wholeMicroseconds == expected)
    }

    @Test func watchdogIsReadFromTheEnvironment() async {
        await #expect(processExitsWith: .success) {
            setenv("WATCHDOG_USEC", "10000000", 1)
            setenv("WATCHDOG_PID", "\(getpid())", 1)
            #expect(Watchdog()?.timeout == .seconds(10))
            #expect(Watchdog()?.period == .seconds(5))
            setenv("WATCHDOG_PID", "1", 1)
            #expect(Watchdog() == nil)
            unsetenv("WATCHDOG_PID")
            unsetenv("WATCHDOG_USEC")
            #expect(Watchdog() == nil)
        }
    }
}
