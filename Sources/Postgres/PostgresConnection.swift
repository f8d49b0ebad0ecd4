public import Reactor

/// One connection to Postgres that never blocks the loop; at most one request is outstanding.
///
/// Idle, or with a request sent, it reads whatever comes and hands notifications out at once. While a stream or a
/// pipeline is pulled it reads only what is asked for, so that a slow caller holds the server back and not memory.
/// A missed deadline or a cancelled wait closes it: nobody can tell what the server would answer next.
@Loop
public final class PostgresConnection {
    /// Called when notifications have arrived, to take them all by `nextNotification`; what it leaves is dropped.
    public var onNotifications: (@Loop () -> Void)?
    /// Called for warnings and notices, of which at most 64 between two reads are kept.
    public var onNotice: (@Loop (PostgresNotice) -> Void)?
    /// Called once when the connection ends while nothing is asked of it; not for `close`.
    public var onClosed: (@Loop (PostgresError) -> Void)?

    /// The server process that serves this connection.
    public let backendPID: Int32
    /// Such as 150018 for 15.18.
    public let serverVersion: Int32

    var handle: ConnectionHandle
    var state = ConnectionState.idle
    /// The last result of the request, and the error it ended with.
    var held: PostgresResult?
    var failure: PostgresError?
    /// The notification that told that some have arrived.
    private var firstNotification: PostgresNotification?
    /// The answers of the queue that have not been taken.
    var kept: [KeptAnswer] = []
    /// How long a stream waits for each row.
    var rowTimeout: Duration = .zero
    private let progress = Waiter<Void>()
    private var source: DescriptorSource?
    /// Whether the socket is to be read, and whether something waits to be written to it.
    private var reading = true
    private var unsent = false
    /// Whether something has changed since a caller last looked at the state; it clears this before it looks, for the
    /// way into `wait` can cost a turn of the loop, like any `await`.
    var changed = false
    /// Whether a task is in `wait`, and whether it has been told to look again.
    private var demand = Demand.none

    private enum Demand { case none, asked, told }

    /// Adopts a connection that is made, and starts to watch it.
    init(adopting handle: consuming ConnectionHandle) {
        backendPID = handle.backendPID
        serverVersion = handle.serverVersion
        self.handle = handle
        watch()
    }

    isolated deinit { source?.cancel() }

    /// Whether requests can be made of it, as far as is known.
    public var isOpen: Bool {
        if case .closed = state { false } else { true }
    }

    /// A setting that the server reports, such as `server_encoding` or `in_hot_standby`.
    public func parameterStatus(_ name: String) -> String? { handle.parameterStatus(name) }

    /// The next notification that has arrived, in the order in which they were sent; nil when all are taken.
    public func nextNotification() -> PostgresNotification? {
        if firstNotification != nil { return firstNotification.take() }
        return handle.nextNotification()
    }

    /// Closes it without waiting; a request that is outstanding fails with `closed`.
    public func close() { lose(.closed) }
}

// MARK: - What the socket says

extension PostgresConnection {
    private func ready(_ events: Readiness) {
        if unsent, events.contains(.writable) { flush() }
        if events.isDisjoint(with: [.readable, .broken]) { return }
        if state.isPulled, demand != .asked { return pause(events) }
        guard handle.consumeInput() else { return lost() }
        if unsent { flush() }
        if state.isPulled { wake() } else { collect() }
        deliver()
    }

    /// Nobody asks for rows: the socket is left alone, and a broken one, which would be ready for ever, unwatched.
    private func pause(_ events: Readiness) {
        reading = false
        if events.isDisjoint(with: .broken) { return watch() }
        source?.cancel()
        source = nil
    }

    /// Sends what is queued, as far as the socket takes it.
    func flush() {
        switch handle.flush() {
        case .done: unsent = false
        case .partial: unsent = true
        case .failed: return lost()
        }
        watch()
    }

    private func watch() {
        guard isOpen else { return }
        var wanted: Readiness = reading ? .readable : []
        if unsent { wanted.insert(.writable) }
        if let source { return source.watch(for: wanted) }
        do throws(ReactorError) {
            source = try DescriptorSource(handle.socket, for: wanted) { [weak self] in self?.ready($0) }
        } catch {
            lose(PostgresError(.connectionLost, "The connection to Postgres can not be watched: \(error)"))
        }
    }

    /// Hands out the notifications and notices that libpq has met.
    func deliver() {
        if let notification = handle.nextNotification() {
            firstNotification = .some(notification)
            onNotifications?()
            // Nobody takes what is left.
            while nextNotification() != nil {}
        }
        for notice in handle.notices.take() { onNotice?(notice) }
    }
}

// MARK: - What libpq says

extension PostgresConnection {
    private func collect() {
        while state.isCollected, !handle.isBusy { _ = advance() }
    }

    /// Takes the next result of libpq, which must not be busy; gives back one that is the caller's.
    func advance() -> PostgresResult? {
        guard let result = handle.nextResult() else {
            perform(state.receive(.end))
            return nil
        }
        let kind = result.kind
        if kind == .error {
            let report = result.report
            if handle.isBroken, report.sqlState == nil {
                lost()
                return nil
            }
            if report.endsConnection {
                lose(report.error)
                return nil
            }
        }
        let action = state.receive(kind)
        switch action {
        case .deliver: return result
        case .keep where kind == .error: failure = result.report.error
        case .keep: held = consume result
        default: perform(action)
        }
        return nil
    }

    private func perform(_ action: ConnectionState.Action) {
        switch action {
        case .keep, .deliver, .drop: break
        case .answer:
            keepAnswer()
            if state == .idle { resume() }
        case .finish where state == .idle: resume()
        case .finish: wake()
        case .violation(let words): lose(.protocolViolation(words))
        }
    }

    /// A pulled request is over: the socket is read again for whatever comes.
    private func resume() {
        guard handle.leavePipeline() else { return lose(.protocolViolation("A pipeline did not end where it should")) }
        reading = true
        watch()
        deliver()
    }

    /// The connection broke under libpq.
    func lost() {
        // What had arrived before is looked at first: it may tell why.
        _ = handle.isBusy
        deliver()
        let words = handle.notices.lastWords
        let reason = words?.safeMessage ?? BrokenConnection.reason(handle.errorMessage)
        lose(
            PostgresError(
                .connectionLost, "The connection to Postgres broke: \(reason)", sqlState: words?.sqlState))
    }

    /// Ends the connection, for the reason that every later call is then told.
    func lose(_ error: PostgresError) {
        guard isOpen else { return }
        let wasIdle = state == .idle
        state = .closed(error)
        source?.cancel()
        source = nil
        handle.close()
        held = nil
        failure = nil
        firstNotification = nil
        wake()
        if wasIdle, error.code != .closed { onClosed?(error) }
    }

    /// Wakes the task in `wait`. It may not have reached its `Waiter` yet, which would keep what it is given without
    /// looking again: then it is told in a later turn.
    func wake() {
        changed = true
        guard demand != .none else { return }
        demand = .told
        if progress.isWaiting { return progress.give(()) }
        EventLoop.shared.perform { [weak self] in self?.wake() }
    }

    /// Whether a task is waiting already.
    var isAwaited: Bool { demand != .none }

    /// Waits until there is something new to look at, or closes the connection at the deadline.
    func wait(until deadline: Int64) async throws(PostgresError) {
        reading = true
        watch()
        if case .closed(let error) = state { throw error }
        if changed { return }
        demand = .asked
        defer { demand = .none }
        do throws(WaitError) {
            try await progress.wait(timeout: .nanoseconds(max(0, deadline - EventLoop.now)))
        } catch {
            switch error {
            case .timedOut: lose(PostgresError(.timedOut, "Postgres did not answer in time"))
            case .cancelled: lose(PostgresError(.cancelled, "The wait for Postgres was cancelled"))
            }
        }
        if case .closed(let error) = state { throw error }
    }

    /// The time of the loop's clock that is `timeout` from now, at most a thousand days.
    static func deadline(_ timeout: Duration) -> Int64 {
        EventLoop.now + min(timeout, .seconds(86_400_000)).nanoseconds
    }
}
