import Glibc
import Synchronization

/// Counts events across threads, and keeps work for later.
final class Signal: Sendable {
    private let count = Atomic<Int>(0)
    private let kept = Mutex<[@Sendable () -> Void]>([])

    func raise() {
        count.add(1, ordering: .releasing)
    }

    func wait(for expected: Int) {
        while count.load(ordering: .acquiring) < expected { sched_yield() }
    }

    func keep(_ work: @escaping @Sendable () -> Void) {
        kept.withLock { $0.append(work) }
    }

    func runKept() {
        for work in kept.withLock({ $0 }) { work() }
    }
}
