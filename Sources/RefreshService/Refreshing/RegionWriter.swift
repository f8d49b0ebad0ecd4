import Logging
import Reactor
import Redis
import RefreshCore

/// Writes behind the fence, a call for every megabyte or 512 keys.
///
/// The bytes go from the result cells straight into the connection's output. A write is done once `WriteGate` says
/// so; after any other end nothing is known to be stored, and the keys are refreshed again.
@Loop
final class RegionWriter {
    /// Bounds of one call, so that Redis is not held for more than about a millisecond.
    nonisolated static let callBytes = 1 << 20
    nonisolated static let callKeys = 512
    /// Of messages to channels, and of messages to streams.
    nonisolated static let callMessages = 512
    /// How many bytes may be on their way before workers and passes wait, and how many writes may wait at the gate,
    /// each with the rows that it is made of.
    private static let roomBytes = 4 << 20
    private static let roomWrites = 4

    unowned let dispatcher: Dispatcher
    let link: RedisLink
    let fence: String
    let logger: Logger
    var tooLargeLog = LogLimit(perMinute: 30)
    var unfitLog = LogLimit(perMinute: 30)
    private var underway = 0
    private var roomWaits: [Waiter<Void>] = []

    init(_ dispatcher: Dispatcher, _ link: RedisLink, name: String, _ logger: Logger) {
        self.dispatcher = dispatcher
        self.link = link
        fence = Fence.key(of: name)
        self.logger = logger
    }

    /// Whether more may be written now.
    var hasRoom: Bool { underway < Self.roomBytes && (link.gate?.waitingCount ?? 0) < Self.roomWrites }

    /// Waits until more may be written.
    func room() async {
        while !hasRoom, !Task.isCancelled {
            let waiter = Waiter<Void>()
            roomWaits.append(waiter)
            try? await waiter.wait(timeout: .seconds(1))
        }
    }

    /// Writes; `done` is called once, when every part is stored or one of them is not known to be.
    func write(_ request: StoreRequest, _ done: @escaping @Loop (Bool) -> Void) {
        let calls = WriteCall.split(request)
        let tally = WriteTally(calls: calls.count, done)
        if calls.isEmpty { return tally.finish() }
        for call in calls { send(call, request, tally) }
    }

    private func send(_ call: WriteCall, _ request: StoreRequest, _ tally: WriteTally) {
        guard let gate = link.gate else { return tally.ended(isStored: false) }
        let (bytes, messages) = (call.bytes, call.messages)
        underway += bytes
        gate.add(
            WriteGate.Job(call: call, request: request) { [weak self, weak gate] ending in
                guard let self else { return }
                underway -= bytes
                tally.ended(isStored: settle(ending, messages, isCurrent: gate === link.gate))
                wakeRoomWaits()
            })
    }

    /// Counts a write that does not go through the gate while it is on its way; `then` is told whether it took place.
    func send(
        bytes: Int, _ write: (@escaping (_ ending: WriteEnding, _ isCurrent: Bool) -> Void) -> Void,
        then: @escaping (Bool) -> Void
    ) {
        underway += bytes
        write { [weak self] ending, isCurrent in
            guard let self else { return }
            underway -= bytes
            then(settle(ending, [], isCurrent: isCurrent))
            wakeRoomWaits()
        }
    }

    /// What the end of a write means; tells whether it is carried out.
    ///
    /// - Parameter isCurrent: whether it went through the gate that is in use; what another met is known already.
    func settle(_ ending: WriteEnding, _ messages: [Message], isCurrent: Bool) -> Bool {
        switch ending {
        case .verdict(.written(let refused)):
            link.accepted()
            dispatcher.answered(messages, refused: refused)
            return true
        case _ where !isCurrent: break
        case .verdict(.lost): link.raiseAgain()
        case .verdict(.fenced): link.renew("another instance has raised the fence")
        case .unclear: link.renew("Redis answered a write with something else")
        case .failed(let error):
            switch error.disposition {
            case .wait, .report: link.pause("\(error)")
            case .reconnect: link.renew("\(error)")
            case .resync: link.reloadScripts()
            }
        }
        return false
    }

    private func wakeRoomWaits() {
        guard hasRoom, !roomWaits.isEmpty else { return }
        let waits = roomWaits
        roomWaits = []
        for wait in waits { wait.give(()) }
    }
}

/// Counts the calls of one write that are still under way.
@Loop
private final class WriteTally {
    private var left: Int
    private var isStored = true
    private let done: @Loop (Bool) -> Void

    init(calls: Int, _ done: @escaping @Loop (Bool) -> Void) {
        left = calls
        self.done = done
    }

    func ended(isStored: Bool) {
        if !isStored { self.isStored = false }
        left -= 1
        if left == 0 { finish() }
    }

    func finish() { done(isStored) }
}
