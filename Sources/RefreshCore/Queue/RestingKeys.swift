/// Keys that wait a little, each time longer, before they are refreshed once more.
struct RestingKeys {
    private struct Place {
        let reference: EntryReference
        let until: Moment
    }

    private let rests: [Moment.Span]
    /// Those that rest for each length, in the order in which they wake.
    private var groups: [Fifo<Place>]
    private var count = 0

    private init(milliseconds: [Int64]) {
        rests = milliseconds.map { .milliseconds($0) }
        groups = Array(repeating: Fifo<Place>(), count: milliseconds.count)
    }

    /// Keys for which events came again and again while they were refreshed.
    ///
    /// The first refresh that follows such a one begins at once; those after it wait a little, so that one of them
    /// answers more events. It costs a key that changes all the time a fortieth of a second at most.
    static var hot: RestingKeys { RestingKeys(milliseconds: [4, 8, 16, 24]) }

    /// Keys that were stored while a reader held their locks. Most readers compute for a moment, and few for long.
    static var contested: RestingKeys { RestingKeys(milliseconds: [50, 100, 200, 400, 800, 1000]) }

    var isEmpty: Bool { count == 0 }
    /// All that rest; void places among them.
    var all: [EntryReference] { groups.flatMap { $0.all.map(\.reference) } }
    /// When the first of them wakes.
    var next: Moment? {
        if isEmpty { return nil }
        return groups.compactMap { $0.all.first?.until }.min()
    }

    /// Takes one that has rested so many times already.
    mutating func add(_ reference: EntryReference, times: Int, at now: Moment) {
        let group = min(times, rests.count - 1)
        groups[group].append(Place(reference: reference, until: now + rests[group]))
        count += 1
    }

    /// One whose rest is over.
    mutating func popDue(at now: Moment) -> EntryReference? {
        if isEmpty { return nil }
        for group in groups.indices {
            guard let first = groups[group].all.first, first.until <= now else { continue }
            count -= 1
            return groups[group].popFirst()?.reference
        }
        return nil
    }

    mutating func removeAll() {
        for group in groups.indices { groups[group].removeAll() }
        count = 0
    }
}
