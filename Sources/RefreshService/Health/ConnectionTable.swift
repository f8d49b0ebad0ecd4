import NIOCore

/// The connections of the server, how many there may be, and what they owe.
///
/// Belongs to the server's loop.
final class ConnectionTable {
    enum Admission: Equatable {
        /// Serve it.
        case served
        /// Tell it that there is no room, unless it has come to follow.
        case turnedAway
        /// Close it.
        case unheard
    }

    /// Requests the daemon has not answered yet, also those whose client is gone.
    var unanswered = 0

    private let limits: HealthLimits
    private var served: [ObjectIdentifier: HealthConnection] = [:]
    private var turnedAway: [ObjectIdentifier: HealthConnection] = [:]
    private var following: [ObjectIdentifier: HealthConnection] = [:]
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
        // They may have come to follow, which is known once they ask: there is room for all who may.
        guard turnedAway.count < limits.connections + max(0, limits.followers - following.count) else {
            return .unheard
        }
        turnedAway[ObjectIdentifier(connection)] = connection
        return .turnedAway
    }

    /// Gives a connection a place among those who follow, if one is free; it takes none of the others any more.
    func follow(_ connection: HealthConnection) -> Bool {
        guard following.count < limits.followers, emptied == nil else { return false }
        following[ObjectIdentifier(connection)] = connection
        served[ObjectIdentifier(connection)] = nil
        turnedAway[ObjectIdentifier(connection)] = nil
        return true
    }

    func remove(_ connection: HealthConnection) {
        following[ObjectIdentifier(connection)] = nil
        served[ObjectIdentifier(connection)] = nil
        turnedAway[ObjectIdentifier(connection)] = nil
        endIfEmpty()
    }

    /// Ends every connection; the future succeeds once none is left.
    func drain(on loop: any EventLoop) -> EventLoopFuture<Void> {
        let promise = emptied ?? loop.makePromise(of: Void.self)
        emptied = promise
        let all = Array(served.values) + Array(turnedAway.values) + Array(following.values)
        for connection in all { connection.stop() }
        endIfEmpty()
        return promise.futureResult
    }

    /// Closes what `drain(on:)` left.
    func closeAll() {
        let all = Array(served.values) + Array(turnedAway.values) + Array(following.values)
        for connection in all { connection.makeRoom() }
    }

    private func endIfEmpty() {
        guard served.isEmpty, turnedAway.isEmpty, following.isEmpty else { return }
        emptied?.succeed(())
    }

    // A connection that has just been opened is about to send its request: it is left alone for the grace period.
    private func longestIdle(at now: NIODeadline) -> HealthConnection? {
        served.values
            .filter { $0.isIdle && ($0.hasExchanged || now - $0.idleSince > TimeAmount(limits.grace)) }
            .min { $0.idleSince < $1.idleSince }
    }
}
