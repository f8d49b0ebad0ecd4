import TestServers

/// What goes wrong when, drawn from a seed: rounds of one to three faults, at most two at once, each of them healed.
struct Schedule {
    /// A fault and its times in seconds since its round began.
    struct Planned {
        var fault: any Fault
        var from: Double
        var until: Double
    }

    private var random: SeededGenerator
    private let faults: [any Fault]

    /// A schedule of these faults.
    init(seed: UInt64, faults: [any Fault]) {
        random = SeededGenerator(seed: seed, stream: 1)
        self.faults = faults
    }

    /// The next round, by the times at which its faults begin.
    mutating func nextRound() -> [Planned] {
        var round: [Planned] = []
        for _ in 0..<Int.random(in: 1...3, using: &random) {
            guard let fault = faults.randomElement(using: &random) else { break }
            let from = Double.random(in: 0.3...3, using: &random)
            let planned = Planned(
                fault: fault, from: from, until: from + .random(in: fault.length, using: &random))
            let together = round.filter { $0.from < planned.until && planned.from < $0.until }
            if together.count < 2, together.allSatisfy({ $0.fault.place != fault.place }) { round.append(planned) }
        }
        return round.sorted { $0.from < $1.from }
    }
}
