import TestServers

/// Which lists are written now; a list that is full gives its place to a new one.
final class Board: Sendable {
    /// How many numbers a list takes.
    static let full = 80

    private struct State {
        var lists: [Int] = []
        var pairs: [Int] = []
        var fills: [Int: Int] = [:]
        var retired: [Int] = []
        var nextList = Schema.firstList
        var nextNumber = 1
    }

    private let state: Guarded<State>

    /// A board of so many lists and pairs of lists.
    init(lists: Int, pairs: Int) {
        var state = State()
        for _ in 0..<lists { state.lists.append(Self.fresh(&state)) }
        for _ in 0..<pairs { state.pairs.append(Self.freshPair(&state)) }
        self.state = Guarded(state)
    }

    /// A number that no other append has.
    func number() -> Int {
        state.withLock { state in
            defer { state.nextNumber += 1 }
            return state.nextNumber
        }
    }

    /// Some lists to append to.
    func pick(_ count: Int, using random: inout SeededGenerator) -> [Int] {
        let places = random.next()
        return state.withLock { state in
            var chosen: Set<Int> = []
            var rest = places
            while chosen.count < count {
                let place = Int(rest % UInt64(state.lists.count))
                rest = rest / 31 &+ 7
                let list = state.lists[place]
                guard chosen.insert(list).inserted else { continue }
                state.fills[list, default: 0] += 1
                if state.fills[list, default: 0] >= Self.full {
                    state.retired.append(list)
                    state.lists[place] = Self.fresh(&state)
                }
            }
            return Array(chosen)
        }
    }

    /// A pair: its number is that of its first list, the second one follows.
    func pickPair(using random: inout SeededGenerator) -> Int {
        let choice = random.next()
        return state.withLock { state in
            let place = Int(choice % UInt64(state.pairs.count))
            let pair = state.pairs[place]
            state.fills[pair, default: 0] += 1
            if state.fills[pair, default: 0] >= Self.full { state.pairs[place] = Self.freshPair(&state) }
            return pair
        }
    }

    /// A full list that nobody writes any more, for deletion; nil when there are few.
    func takeRetired() -> Int? {
        state.withLock { state in state.retired.count > 10 ? state.retired.removeFirst() : nil }
    }

    /// The keys that change now.
    var liveKeys: [String] {
        state.withLock { state in
            state.lists.flatMap { ["list:\($0)", "owned:\($0)", "brief:\($0)"] }
                + state.pairs.flatMap { ["pair:\($0)", "list:\($0)"] } + ["sum:total", "sum:c1"]
        }
    }

    private static func fresh(_ state: inout State) -> Int {
        defer { state.nextList += 1 }
        return state.nextList
    }

    private static func freshPair(_ state: inout State) -> Int {
        defer { state.nextList += 2 }
        return state.nextList
    }
}
