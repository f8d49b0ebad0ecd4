import NIOCore
import RefreshCore
import Synchronization

/// The way of events from the daemon's loop to the thread that serves followers, and what is counted of them.
///
/// What is on its way is counted in bytes, so that the loop can tell when that thread falls behind.
final class FollowerPort: Sendable {
    /// What the thread wants of the loop; called on that thread.
    typealias Wish = @Sendable (FanOutWish) -> Void

    /// How many may follow.
    let limit: Int

    private let following = Atomic<Int>(0)
    private let cut = Atomic<UInt64>(0)
    private let isLeavingOut = Atomic<Bool>(false)
    private let underway = Atomic<Int>(0)
    private let gate: LoopGate
    private let fanOut: NIOLoopBound<FanOut>

    init(gate: LoopGate, fanOut: NIOLoopBound<FanOut>, limit: Int) {
        self.gate = gate
        self.fanOut = fanOut
        self.limit = limit
    }

    /// How many follow now.
    var followers: Int { following.load(ordering: .relaxed) }
    /// How many were cut because they did not read.
    var cuts: UInt64 { cut.load(ordering: .relaxed) }

    /// So many follow now.
    func count(followers: Int) { following.store(followers, ordering: .relaxed) }
    /// One was cut.
    func countCut() { cut.add(1, ordering: .relaxed) }

    /// Something is left out: the loop wants to hear when everything has been taken that is on its way.
    func leaveOut() { isLeavingOut.store(true, ordering: .releasing) }

    /// How many bytes have been sent and not taken.
    var bytesUnderway: Int { underway.load(ordering: .acquiring) }

    /// Sends a message about a Redis stream.
    func send(stream message: StreamMessage) { send([.stream(message)], bytes: message.bytes) }

    /// Sends messages; in order with all that was sent before, and with the answers to requests.
    func send(_ messages: [FanOutMessage], bytes: Int) {
        underway.add(bytes, ordering: .acquiringAndReleasing)
        gate.enqueue { [self] in
            fanOut.value.take(messages)
            let left = underway.subtract(bytes, ordering: .acquiringAndReleasing).newValue
            if left == 0, isLeavingOut.exchange(false, ordering: .acquiringAndReleasing) { fanOut.value.wish(.goOn) }
        }
    }
}
