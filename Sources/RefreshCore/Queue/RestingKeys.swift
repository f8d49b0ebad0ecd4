/// Keys for which events came again and again while they were refreshed.
///
/// The first refresh that follows such a one begins at once; those after it wait a little, twice as long each time, so
/// that one of them answers more events. It costs a key that changes all the time a thirtieth of a second at most.
struct RestingKeys {
    private static let rests: [Moment.Span] = [4, 8, 16, 32].map { .milliseconds($0) }

    private struct Place {
        let reference: EntryReference
        let until: Moment
    }

    /// Those that rest for each length, in the order in which they wake.
    private var groups = Array(repeating: Fifo<Place>(), count: rests.count)

    /// Whether a key rests that was refreshed so many times in a row and each time got an event meanwhile.
    static func rest(after refreshes: UInt8) -> Bool { refreshes > 1 }

    var isEmpty: Bool { groups.allSatisfy(\.isEmpty) }
    /// All that rest; void places among them.
    var all: [EntryReference] { groups.flatMap { $0.all.map(\.reference) } }
    /// When the first of them wakes.
    var next: Moment? {
        if isEmpty { return nil }
        return groups.compactMap { $0.all.first?.until }.min()
    }

    mutating func add(_ reference: EntryReference, after refreshes: UInt8, at now: Moment) {
        let group = min(Int(refreshes), Self.rests.count + 1) - 2
        groups[group].append(Place(reference: reference, until: now + Self.rests[group]))
    }

    /// One whose rest is over.
    mutating func popDue(at now: Moment) -> EntryReference? {
        for group in groups.indices {
            if let first = groups[group].all.first, first.until <= now { return groups[group].popFirst()?.reference }
        }
        return nil
    }

    mutating func removeAll() {
        for group in groups.indices { groups[group].removeAll() }
    }
}
