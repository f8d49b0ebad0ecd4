import Benchmark
import RefreshCore

/// The refresh queue: keys are admitted, taken in batches and finished, as `Dispatcher` and `Worker` do it.
enum Queueing {
    static func register() {
        measured("queue: distinct keys", turns(messages: false))
        measured("queue: distinct keys, an event each", turns(messages: true))
        measured("queue: distinct keys, a million at once", factor: .mega, turns(messages: false))
        measured("queue: events on 100 hot keys", coalescing())
        measured("queue: one key at a time, 1 query", alone(among: 1))
        measured("queue: one key at a time, 1,000 queries in 250 regions", alone(among: 1000))
    }

    private static let channel = ChannelID(0)
    private static let query = QueryID(0)

    /// Every key is new: it waits, runs in a batch and is stored; with `messages`, an event waits for it.
    private static func turns(messages: Bool) -> (Int) -> Void {
        let state = State(keys: 1_000_000)
        return { count in
            for key in state.keys[..<count] {
                let event = messages ? state.begin(key) : nil
                state.queue.refresh(query, key: key, parameters: key, event: event, at: state.now)
                if let event { state.queue.seal(event) }
            }
            state.drain()
        }
    }

    /// A few keys have all the events: each but the first of a key finds it waiting.
    private static func coalescing() -> (Int) -> Void {
        let state = State(keys: 100)
        return { count in
            for turn in 0..<count {
                let key = state.keys[turn % state.keys.count]
                state.queue.refresh(query, key: key, parameters: key, event: nil, at: state.now)
            }
            state.drain()
        }
    }

    /// Keys come and are stored one by one, with all that `Dispatcher.settle` asks the queue in between.
    private static func alone(among queries: Int) -> (Int) -> Void {
        let state = State(keys: 1000, Site.catalogue(of: queries))
        return { count in
            for turn in 0..<count {
                let key = state.keys[turn]
                state.queue.refresh(
                    QueryID(turn * 7 % queries), key: key, parameters: key, event: nil, at: state.now)
                state.settle()
                state.drain()
                state.settle()
            }
        }
    }

    /// A queue, and keys for it.
    private final class State {
        var queue = RefreshQueue(limits: .init(bytes: 1 << 30, workers: 1), seed: 1)
        let keys: [Bytes]
        let now = Moment(nanoseconds: 1)
        private var sequence: UInt64 = 0

        init(keys count: Int, _ catalogue: Catalogue = Site.catalogue) {
            keys = (0..<count).map { Bytes("\($0)") }
            queue.adopt(catalogue)
        }

        func begin(_ payload: Bytes) -> EventID? {
            sequence += 1
            return queue.begin(
                Event(purpose: .messages(channel), payload: payload, sequence: sequence, seen: now))
        }

        /// What the daemon asks at the end of each turn of its loop.
        func settle() {
            precondition(queue.takeFolds().isEmpty && queue.takeDue().isEmpty, "something is due")
            precondition(queue.takeDeletions(at: now) == nil && queue.nextWake == nil, "something is to be deleted")
            blackHole(queue.isQuiet)
        }

        /// Takes and finishes batches until nothing waits, announcing what waits for each key as a write does.
        func drain() {
            var announced = 0
            while let batch = queue.takeBatch(at: now) {
                for place in batch.items.indices where queue.mayStore(batch, place) {
                    queue.announce(batch, place) { _ in announced += 1 }
                }
                queue.finish(batch, .stored(except: []), at: now)
            }
            precondition(queue.keyCount == 0 && queue.takeDue().isEmpty, "something is left in the queue")
            precondition(queue.counts.folded == 0 && queue.counts.messagesDropped == 0, "the queue is too small")
        }
    }
}
