import CSystemdEvent

/// What a descriptor is watched for, or was found ready for.
public struct Readiness: OptionSet, Sendable {
    /// The bits of epoll.
    public let rawValue: UInt32
    /// Takes bits of epoll.
    public init(rawValue: UInt32) { self.rawValue = rawValue }

    /// Reading does not block.
    public static let readable = Readiness(rawValue: UInt32(EPOLLIN.rawValue))
    /// Writing does not block.
    public static let writable = Readiness(rawValue: UInt32(EPOLLOUT.rawValue))
    /// The other side has hung up, or the descriptor failed; always watched for.
    public static let broken = Readiness(rawValue: UInt32(EPOLLERR.rawValue) | UInt32(EPOLLHUP.rawValue))
}

/// Watches a descriptor, level-triggered, until cancelled or let go of. The descriptor stays its owner's.
@Loop
@safe public final class DescriptorSource {
    private var source: OpaquePointer?
    private let ready: @Loop (Readiness) -> Void

    /// What is watched for; changing it costs a system call, setting it to what it is costs nothing.
    public private(set) var interest: Readiness

    /// Starts to watch; `ready` is called on the loop, once a turn for as long as the descriptor is ready.
    public init(
        _ descriptor: Int32, for interest: Readiness, _ ready: @escaping @Loop (Readiness) -> Void
    ) throws(ReactorError) {
        self.interest = interest
        self.ready = ready
        let result = unsafe sd_event_add_io(
            EventLoop.shared.event, &source, descriptor, interest.rawValue, descriptorReady,
            Unmanaged.passUnretained(self).toOpaque())
        try ReactorError.check(result, "sd_event_add_io")
    }

    /// Changes what is watched for.
    public func watch(for wanted: Readiness) {
        guard wanted != interest, let source = unsafe source else { return }
        interest = wanted
        unsafe sd_event_source_set_io_events(source, wanted.rawValue)
    }

    /// Stops watching; must be called before the descriptor is closed.
    public func cancel() {
        unsafe sd_event_source_disable_unref(source)
        unsafe source = nil
    }

    isolated deinit { cancel() }

    fileprivate func fire(_ events: UInt32) { ready(Readiness(rawValue: events)) }
}

private func descriptorReady(
    _: OpaquePointer?, _: Int32, events: UInt32, userdata: UnsafeMutableRawPointer?
) -> Int32 {
    guard let userdata = unsafe userdata else { return 0 }
    // The source is disabled before its owner dies, so the pointer is alive; retained, for `ready` may let go of it.
    let source = unsafe Unmanaged<DescriptorSource>.fromOpaque(userdata).takeUnretainedValue()
    Loop.assumeIsolated { source.fire(events) }
    return 0
}
