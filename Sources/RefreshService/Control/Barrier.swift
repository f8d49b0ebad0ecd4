import Reactor
import RefreshCore

/// Tells clients when everything has come, and is stored, that was committed before they asked.
///
/// Its nonces leave on the lease's session and come in on the listener's, behind all that was notified before.
@Loop
final class Barrier {
    private let dispatcher: Dispatcher
    private let ownership: Ownership
    private var barriers = Barriers()
    private let instance = UInt64.random(in: .min ... .max)
    private let wanted = Waiter<Void>()
    private let heard = Waiter<Void>()
    /// What is done with each client that waits, once all has come that it waits for.
    private var calls: [UInt64: () -> Void] = [:]
    private static let mark = "sync"

    init(_ dispatcher: Dispatcher, _ ownership: Ownership) {
        self.dispatcher = dispatcher
        self.ownership = ownership
        dispatcher.onOtherNonce = { [unowned self] text in take(text) }
    }

    /// Calls `then` once everything has come that was committed before now.
    func pass(_ call: UInt64, then: @escaping () -> Void) {
        calls[call] = then
        barriers.ask(call)
        wanted.give(())
    }

    /// A client waits no longer.
    func forget(_ call: UInt64) {
        calls[call] = nil
        barriers.forget(call)
    }

    /// Sends nonces for who waits, until the task is cancelled.
    func run() async {
        while !Task.isCancelled {
            do { try await wanted.wait() } catch { return }
            while let number = barriers.next(), !Task.isCancelled {
                heard.clear()
                let text = "\(instance) \(number) \(Self.mark)"
                if await ownership.notify(dispatcher.canaryChannel, text, within: .seconds(2)) {
                    try? await heard.wait(timeout: .seconds(1))
                } else {
                    try? await Loop.sleep(for: .milliseconds(100))
                }
                // Nothing is lost by another nonce; without one, who waits would for ever.
                barriers.lost()
            }
        }
    }

    private func take(_ text: String) {
        let words = text.split(separator: " ")
        guard words.count == 3, words[2] == Self.mark, UInt64(words[0]) == instance, let number = UInt64(words[1])
        else { return }
        let passed = barriers.heard(number)
        for call in passed { calls.removeValue(forKey: call)?() }
        if !passed.isEmpty { heard.give(()) }
    }
}
