import Dispatch
import Glibc
import RefreshCore
import Simulation
import Synchronization

/// `simulate COUNT [FIRST]`: runs so many seeds on all processors, and shows the first that breaks a guarantee.
@main enum Simulate {
    static func main() {
        let arguments = CommandLine.arguments.dropFirst().compactMap { UInt64($0) }
        let count = arguments.first ?? 1000
        let first = arguments.dropFirst().first ?? 0
        let failed = Mutex<UInt64?>(nil)
        let steps = Atomic(0)
        let clock = ContinuousClock()
        let time = clock.measure {
            let parts = sysconf(Int32(_SC_NPROCESSORS_ONLN))
            DispatchQueue.concurrentPerform(iterations: parts) { part in
                for seed in stride(from: first + UInt64(part), to: first + count, by: parts) {
                    if failed.withLock({ $0 }) != nil { return }
                    let outcome = Simulation(seed: seed).run()
                    steps.add(outcome.steps, ordering: .relaxed)
                    if outcome.violation != nil { failed.withLock { $0 = min($0 ?? seed, seed) } }
                }
            }
        }
        guard let seed = failed.withLock({ $0 }) else {
            print("\(count) seeds from \(first): no violation, \(steps.load(ordering: .relaxed)) steps in \(time)")
            return
        }
        show(seed)
        exit(1)
    }

    private static func show(_ seed: UInt64) {
        let simulation = Simulation(seed: seed)
        guard let violation = simulation.run().violation else { return print("seed \(seed): not repeatable") }
        print("seed \(seed): \(violation)")
        let shrunk = simulation.shrunk(breaking: violation.guarantee)
        print("\nwhat was done, as far as it is needed:\n\(shrunk.scenario)\n\nwhat happened:")
        for line in shrunk.history.suffix(200) { print(line) }
        if let violation = shrunk.violation { print("\n\(violation)") }
    }
}
