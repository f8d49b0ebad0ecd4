import CSystemd
import Glibc

/// Tells the service manager the state of the service.
///
/// A value that may be used from any thread. The environment is read once, when it is made: without `NOTIFY_SOCKET` every
/// call does nothing. Calls never fail towards the caller, who could do nothing about it; each tells whether the manager's
/// socket took the message. A status may hold anything: control characters become spaces, and long ones are cut.
public struct ServiceNotifier: Sendable {
    /// Whether a service manager listens.
    public let isActive: Bool

    /// Reads `NOTIFY_SOCKET`; call it once, before other threads start.
    public init() {
        isActive = unsafe getenv("NOTIFY_SOCKET") != nil
    }

    /// Says that the service is useful now, at the end of the start or of a reload.
    @discardableResult
    public func ready(status: String? = nil) -> Bool {
        send(NotifyMessage(status: status, "READY=1"))
    }

    /// Replaces the line that `systemctl status` shows.
    @discardableResult
    public func status(_ text: String) -> Bool {
        send(NotifyMessage(status: text))
    }

    /// Says that a reload begins; `ready(status:)` must follow, even when the reload is refused.
    @discardableResult
    public func reloading(status: String? = nil) -> Bool {
        send(NotifyMessage(status: status, "RELOADING=1", "MONOTONIC_USEC=\(Self.monotonicMicroseconds())"))
    }

    /// Says that the shutdown begins.
    @discardableResult
    public func stopping(status: String? = nil) -> Bool {
        send(NotifyMessage(status: status, "STOPPING=1"))
    }

    /// Feeds the watchdog.
    @discardableResult
    public func watchdog() -> Bool {
        send(NotifyMessage(status: nil, "WATCHDOG=1"))
    }

    /// Asks that the running start or stop be given at least this long from now; repeat it before it ends.
    @discardableResult
    public func extendTimeout(by duration: Duration) -> Bool {
        send(NotifyMessage(status: nil, "EXTEND_TIMEOUT_USEC=\(duration.wholeMicroseconds)"))
    }

    /// Says why the service is about to fail; `code` is an errno value.
    @discardableResult
    public func failed(errno code: Int32, status: String? = nil) -> Bool {
        send(NotifyMessage(status: status, "ERRNO=\(code)"))
    }

    private func send(_ message: NotifyMessage) -> Bool {
        isActive ? unsafe sd_notify(0, message.text) > 0 : false
    }

    private static func monotonicMicroseconds() -> Int64 {
        var now = timespec()
        unsafe clock_gettime(CLOCK_MONOTONIC, &now)
        return Int64(now.tv_sec) * 1_000_000 + Int64(now.tv_nsec) / 1_000
    }
}
