import RefreshCore
import Testing

/// Random readers, servers and roles: whatever happens in whatever order, each reader is answered once, a value is made
/// once at a time, and in the end nothing is remembered.
@Suite struct ReadWalkTests {
    @Test(arguments: 1...100) func everyReaderIsAnsweredOnce(seed: UInt64) {
        var walk = ReadWalk(seed: seed)
        for _ in 0..<400 { walk.step() }
        walk.finish()
        #expect(walk.faults == [], "seed \(seed)")
    }
}

private struct ReadWalk {
    private var book = ReadBook()
    private var dice: Dice
    private var last: UInt64 = 0
    private var waiting: Set<UInt64> = []
    private var looking: [UInt64] = []
    /// What was asked for and has not been told the end of.
    private var storing: [Fill] = []
    private var fetching: [Fill] = []
    private var inLine: [Fill] = []
    private var running: [Fill] = []
    private var renewing: [Fill] = []
    private(set) var faults: [String] = []

    init(seed: UInt64) { dice = Dice(seed: seed) }

    mutating func step() {
        switch Int.random(in: 0..<12, using: &dice) {
        case 0...3: ask()
        case 4, 5: look()
        case 6: if let reader = looking.randomElement(using: &dice) { perform(book.impatient(reader)) }
        case 7:
            // Those who are not waiting any more, too.
            perform(book.late(.random(in: 1...(last + 1), using: &dice)))
        case 8: endStoring()
        case 9: if let fill = storing.randomElement(using: &dice) { perform(book.waited(fill, canStore: coin())) }
        case 10: if let fill = take(\.fetching) { perform(book.fetched(fill, answer())) }
        default: run()
        }
    }

    /// All that is under way ends.
    mutating func finish() {
        for _ in 0..<10_000 where !book.isEmpty {
            look()
            endStoring()
            if let fill = take(\.fetching) { perform(book.fetched(fill, answer())) }
            run()
        }
        if !book.isEmpty { faults.append("something is remembered") }
        if !waiting.isEmpty { faults.append("\(waiting.count) wait for ever") }
    }

    private mutating func ask() {
        last += 1
        let key = Bytes("\(Int.random(in: 0..<3, using: &dice))")
        waiting.insert(last)
        perform(
            book.asks(
                last, for: CacheKey(region: Shop.items, key: key),
                maker: Int.random(in: 0..<10, using: &dice) == 0 ? nil : (Shop.item, key)))
    }

    private mutating func look() {
        guard !looking.isEmpty else { return }
        let reader = looking.remove(at: Int.random(in: 0..<looking.count, using: &dice))
        perform(book.looked(reader, answer(), isOwner: coin(), canWrite: coin(), isQueued: coin()))
    }

    private mutating func endStoring() {
        if let fill = take(\.storing) { perform(book.stored(fill, coin() ? nil : ReadScene.fault)) }
        if coin(), let fill = take(\.renewing) { book.renewed(fill) }
    }

    private mutating func run() {
        if coin(), let fill = take(\.inLine) {
            running.append(fill)
            book.began(fill)
        } else if let fill = take(\.running) {
            perform(book.computed(fill, .computed(ReadScene.value)))
        }
    }

    private mutating func perform(_ actions: [ReadBook.Action]) {
        for action in actions {
            switch action {
            case .look(let reader, _): looking.append(reader)
            case .store(let fill):
                if fetching.contains(where: { $0.wanted == fill.wanted }) { faults.append("stored twice at once") }
                storing.append(fill)
            case .wait(let fill): if !storing.contains(fill) { faults.append("waits for what is not stored") }
            case .fetch(let fill): fetching.append(fill)
            case .compute(let fill):
                if (inLine + running).contains(where: { $0.wanted == fill.wanted }) {
                    faults.append("run twice at once")
                }
                inLine.append(fill)
            case .abandon(let fill):
                if !inLine.contains(fill) { faults.append("abandons what runs") }
                inLine.removeAll { $0 == fill }
            case .renew(let fill):
                if renewing.contains(where: { $0.wanted == fill.wanted }) { faults.append("renewed twice at once") }
                renewing.append(fill)
            case .answer(let reader, _):
                if waiting.remove(reader) == nil { faults.append("\(reader) is answered, who does not wait") }
            }
        }
    }

    private mutating func coin() -> Bool { Bool.random(using: &dice) }

    private mutating func answer() -> CacheAnswer {
        [.fresh, .stale, .nothing, .nothing, .away].randomElement(using: &dice) ?? .away
    }

    private mutating func take(_ fills: WritableKeyPath<ReadWalk, [Fill]>) -> Fill? {
        let count = self[keyPath: fills].count
        return count == 0 ? nil : self[keyPath: fills].remove(at: Int.random(in: 0..<count, using: &dice))
    }
}
