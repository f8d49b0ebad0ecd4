import RefreshCore

/// The virtual clock, and what happens when: the only source of time and order in a simulation.
final class Agenda {
    private struct Entry {
        let time: Moment
        let order: Int
        let body: () -> Void
    }

    private(set) var now = Moment(nanoseconds: 0)
    private var heap: [Entry] = []
    private var order = 0
    private(set) var steps = 0

    /// Does something a while from now; what is due at one moment happens in the order it was asked for.
    func after(_ delay: Moment.Span, _ body: @escaping () -> Void) { at(now + delay, body) }

    /// Does something at a moment, or at once if that has passed.
    func at(_ time: Moment, _ body: @escaping () -> Void) {
        order += 1
        heap.append(Entry(time: max(time, now), order: order, body: body))
        var child = heap.count - 1
        while child > 0, isBefore(child, (child - 1) / 2) {
            heap.swapAt(child, (child - 1) / 2)
            child = (child - 1) / 2
        }
    }

    /// Goes on to the next thing and does it; false when nothing is left before `end`.
    func step(until end: Moment) -> Bool {
        guard let first = heap.first, first.time <= end else {
            now = max(now, end)
            return false
        }
        now = first.time
        steps += 1
        let last = heap.removeLast()
        if !heap.isEmpty {
            heap[0] = last
            sink()
        }
        first.body()
        return true
    }

    /// Nothing more is to happen.
    func clear() { heap = [] }

    private func sink() {
        var parent = 0
        while true {
            var least = parent
            for child in [2 * parent + 1, 2 * parent + 2] where child < heap.count && isBefore(child, least) {
                least = child
            }
            if least == parent { return }
            heap.swapAt(parent, least)
            parent = least
        }
    }

    private func isBefore(_ left: Int, _ right: Int) -> Bool {
        (heap[left].time, heap[left].order) < (heap[right].time, heap[right].order)
    }
}

/// A repeatable source of chance.
struct Chance {
    private var state: UInt64

    init(seed: UInt64) {
        state = (seed &+ 0x9E37_79B9_7F4A_7C15) &* 0xBF58_476D_1CE4_E5B9 | 1
        for _ in 0..<4 { _ = next() }
    }

    mutating func next() -> UInt64 {
        state ^= state << 13
        state ^= state >> 7
        state ^= state << 17
        return state &* 0x2545_F491_4F6C_DD1D
    }

    /// One of `count` numbers from 0.
    mutating func pick(_ count: Int) -> Int { Int((next() >> 33) % UInt64(count)) }

    /// True so many times in a hundred.
    mutating func percent(_ share: Int) -> Bool { pick(100) < share }

    /// A time between two, in microseconds.
    mutating func span(_ low: Int, _ high: Int) -> Moment.Span {
        Moment.Span(nanoseconds: Int64(low + pick(max(1, high - low))) * 1000)
    }
}
