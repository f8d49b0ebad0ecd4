import Glibc
import NIOCore
import NIOHTTP1
import NIOPosix
import Synchronization

/// Answers HTTP/1.1 requests for the daemon's state, from a thread of its own.
///
/// GET, HEAD and POST on a closed set of endpoints; `/events` is answered for as long as the client follows. The daemon is asked by a call on the server's thread and answers from any
/// thread; while it does not, the server answers 503 for it. Every client is bounded by `HealthLimits`. Usable from any thread.
public final class HealthServer: Sendable {
    /// Hands a request over to the daemon. Called on the server's thread, so it must return at once; the second argument takes
    /// the answer, on any thread, the first time it is called. Dropping it uncalled answers 503.
    public typealias Respond = @Sendable (HealthRequest, @escaping @Sendable (HealthResponse) -> Void) -> Void

    /// The endpoints of the daemon.
    public static let standardEndpoints =
        ["/healthz", "/readyz", "/status", "/metrics", "/events"].map { HealthEndpoint($0) } + HealthEndpoint.control

    /// The ports of the TCP listeners, in the order given: what port 0 became.
    public let tcpPorts: [Int]

    /// The way of events to those who follow them.
    let port: FollowerPort

    private let group: MultiThreadedEventLoopGroup
    private let gate: LoopGate
    private let table: NIOLoopBound<ConnectionTable>
    private let channels: [any Channel]
    private let files: [UnixListener]
    private let limits: HealthLimits
    private let isShutDown = Atomic<Bool>(false)

    /// Starts to listen everywhere, or nowhere.
    ///
    /// Blocks until the listeners are up. Sets the process' umask for a moment: call it before threads that create files start.
    public static func start(
        listeners: [HealthListener], endpoints: [HealthEndpoint] = HealthServer.standardEndpoints,
        limits: HealthLimits = HealthLimits(), respond: @escaping Respond
    ) throws(HealthError) -> HealthServer {
        try start(listeners: listeners, endpoints: endpoints, limits: limits, wish: { _ in }, respond: respond)
    }

    /// As above; `wish` is called on the server's thread with what those who follow want of the daemon.
    static func start(
        listeners: [HealthListener], endpoints: [HealthEndpoint] = HealthServer.standardEndpoints,
        limits: HealthLimits = HealthLimits(), wish: @escaping FollowerPort.Wish, respond: @escaping Respond
    ) throws(HealthError) -> HealthServer {
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        var bound = BoundListeners()
        do {
            let parts = try Parts(group: group, endpoints: endpoints, limits: limits, wish: wish, respond: respond)
            for listener in listeners { try bound.add(listener, to: parts.bootstrap) }
            return HealthServer(group: group, parts: parts, bound: bound, limits: limits)
        } catch {
            bound.removeFiles()
            try? group.syncShutdownGracefully()
            throw error
        }
    }

    private init(group: MultiThreadedEventLoopGroup, parts: Parts, bound: BoundListeners, limits: HealthLimits) {
        self.group = group
        self.limits = limits
        gate = parts.gate
        table = parts.table
        port = parts.port
        channels = bound.channels
        files = bound.files
        tcpPorts = bound.tcpPorts
    }

    /// Stops to listen, finishes the answers on their way and ends the thread; blocks for at most the grace period.
    ///
    /// A second call does nothing. Not to be called on the server's thread, that is from within `Respond`.
    public func shutdown() {
        guard !isShutDown.exchange(true, ordering: .acquiringAndReleasing) else { return }
        for file in files { file.removeFile() }
        let (table, channels, grace) = (table, channels, limits.grace)
        let loop = group.any()
        let drained = loop.flatSubmit {
            for channel in channels { channel.close(promise: nil) }
            loop.assumeIsolated().scheduleTask(in: TimeAmount(grace)) { table.value.closeAll() }
            return table.value.drain(on: loop)
        }
        try? drained.wait()
        gate.close()
        try? group.syncShutdownGracefully()
    }
}
