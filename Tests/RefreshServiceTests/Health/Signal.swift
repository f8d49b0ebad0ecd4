import Glibc
import Synchronization
import TestServers

/// Counts events across threads, and keeps work for later.
final class Signal: Sendable {
    private let count = Atomic<Int>(0)
    private let kept = Guarded<[@Sendable () -> Void]>([])

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
        // Nothing stays, for what is kept may itself keep the server.
        let works = kept.withLock { kept in
            defer { kept = [] }
            return kept
        }
        for work in works { work() }
    }
}
