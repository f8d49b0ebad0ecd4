import Logging
import Postgres
import Reactor
import RefreshCore

/// Sends a nonce by NOTIFY at each heartbeat, and looks whether those before have come back.
///
/// Nonces leave on the lease's session and come in on the listener's; from there they go through the queue, a worker
/// and Redis. Only what comes back the whole way proves that the daemon works.
@Loop
final class Heart {
    private let settings: LiveSettings
    private let dispatcher: Dispatcher
    private let ownership: Ownership
    private let listener: Listener
    /// When it beat last.
    private(set) var lastBeat = Moment.now
    /// What ends the pause between two beats early.
    private let early = Waiter<Void>()

    init(_ settings: LiveSettings, _ dispatcher: Dispatcher, _ ownership: Ownership, _ listener: Listener) {
        self.settings = settings
        self.dispatcher = dispatcher
        self.ownership = ownership
        self.listener = listener
    }

    /// Beats until the task is cancelled.
    func run() async {
        while !Task.isCancelled {
            let beat = Moment.now
            lastBeat = beat
            dispatcher.noticeStandstill()
            dispatcher.keeper.queue.rest()
            await send()
            do {
                let left = settings.current.heartbeat - Duration(Moment.now - beat)
                try await pause(max(.milliseconds(1), left))
            } catch { return }
            await look()
        }
    }

    /// Beats now: a connection has been made that has to be proven, or by which that can be done.
    func beat() { early.give(()) }

    private func pause(_ length: Duration) async throws(WaitError) {
        do { try await early.wait(timeout: length) } catch .timedOut {}
    }

    private func send() async {
        let nonce = dispatcher.canary.next(at: .now)
        let limit = max(.seconds(2), settings.current.heartbeat * 2)
        guard await ownership.notify(dispatcher.canaryChannel, nonce.text, within: limit) else {
            return dispatcher.canary.unsent()
        }
        dispatcher.canary.taken(nonce, at: .now)
    }

    /// Two heartbeats after it was given out, a nonce has to be back: one to be sent and taken, one to be heard.
    private func look() async {
        let patience = Moment.Span(settings.current.heartbeat / 2)
        guard let since = dispatcher.canary.silence(at: .now, patience: patience) else { return }
        await listener.doubt(since: since) { [dispatcher] in
            dispatcher.canary.silence(at: .now, patience: patience) != nil
        }
    }
}
