import NIOCore

/// The connections of the server, how many there may be, and what they owe.
///
/// Belongs to the server's loop.
final class ConnectionTable {
    enum Admission: Equatable {
        /// Serve it.
        case served
        /// Tell it that there is no room.
        case turnedAway
        /// Close it.
        case unheard
    }

    /// Requests the daemon has not answered yet, also those whose client is gone.
    var unanswered = 0

    private let limits: HealthLimits
    private var served: [ObjectIdentifier: HealthConnection] = [:]
    private var turnedAway: [ObjectIdentifier: HealthConnection] = [:]
    private var emptied: EventLoopPromise<Void>?

    init(limits: HealthLimits) {
        self.limits = limits
    }

    /// Finds a place for a new connection, if need be that of the one idle for longest.
    func admit(_ connection: HealthConnection, at now: NIODeadline) -> Admission {
        guard emptied == nil else { return .unheard }
        if served.count >= limits.connections, let idle = longestIdle(at: now) {
            served[ObjectIdentifier(idle)] = nil
            idle.makeRoom()
        }
        if served.count < limits.connections {
            served[ObjectIdentifier(connection)] = connection
            return .served
        }
        guard turnedAway.count < limits.connections else { return .unheard }
        turnedAway[ObjectIdentifier(connection)] = connection
        return .turnedAway
    }

    func remove(_ connection: HealthConnection) {
        served[ObjectIdentifier(connection)] = nil
        turnedAway[ObjectIdentifier(connection)] = nil
        endIfEmpty()
    }

    /// Ends every connection; the future succeeds once none is left.
    func drain(on loop: any EventLoop) -> EventLoopFuture<Void> {
        let promise = emptied ?? loop.makePromise(of: Void.self)
        emptied = promise
        let all = Array(served.values) + Array(turnedAway.values)
        for connection in all { connection.stop() }
        endIfEmpty()
        return promise.futureResult
    }

    /// Closes what `drain(on:)` left.
    func closeAll() {
        let all = Array(served.values) + Array(turnedAway.values)
        for connection in all { connection.makeRoom() }
    }

    private func endIfEmpty() {
        guard served.isEmpty, turnedAway.isEmpty else { return }
        emptied?.succeed(())
    }

    // A connection that has just been opened is about to send its request: it is left alone for the grace period.
    private func longestIdle(at now: NIODeadline) -> HealthConnection? {
        served.values
            .filter { $0.isIdle && ($0.hasExchanged || now - $0.idleSince > TimeAmount(limits.grace)) }
            .min { $0.idleSince < $1.idleSince }
    }
}
