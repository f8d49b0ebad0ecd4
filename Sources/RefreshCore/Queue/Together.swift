/// Keys that one event asks for, and that are to change together.
final class Together {
    /// One of the keys.
    struct Member: Hashable {
        let lane: Int32
        let key: Bytes
        let parameters: Bytes
    }

    let members: [Member]
    /// When the first event came that is not stored yet.
    let since: Moment
    var events = EventStore.List()

    init(_ members: [Member], since: Moment) {
        self.members = members
        self.since = since
    }

    /// About how much memory it takes.
    var bytes: Int { members.reduce(240) { $0 + 96 + $1.key.count + $1.parameters.count } }
}

/// Groups of keys that wait, in the order of their first events; the same group waits once.
struct TogetherLine {
    private(set) var waiting: [Together] = []
    private(set) var bytes = 0
    private var known: [[Together.Member]: Together] = [:]
    /// Groups that are under way, by the number of their batch.
    var running: [UInt64: [Together]] = [:]
    /// The batch whose statements run: one at a time, so that what is read later is written later.
    var reading: UInt64?

    /// The group of these members that waits.
    func group(of members: [Together.Member]) -> Together? { known[members] }

    mutating func append(_ group: Together) {
        note(group)
        waiting.append(group)
    }

    /// Puts groups before those that wait.
    mutating func putBack(_ groups: [Together]) {
        for group in groups { note(group) }
        waiting.insert(contentsOf: groups, at: 0)
    }

    private mutating func note(_ group: Together) {
        known[group.members] = group
        bytes += group.bytes
    }

    /// Takes the groups at places, in ascending order, out of the line.
    mutating func remove(at places: [Int]) -> [Together] {
        let taken = places.map { waiting[$0] }
        var left: [Together] = []
        left.reserveCapacity(waiting.count - taken.count)
        var gone = places[...]
        for place in waiting.indices {
            if gone.first == place { gone.removeFirst() } else { left.append(waiting[place]) }
        }
        waiting = left
        for group in taken {
            known[group.members] = nil
            bytes -= group.bytes
        }
        return taken
    }
}
