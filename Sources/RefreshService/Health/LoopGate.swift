import Glibc
import NIOCore
import Synchronization

/// The way onto the server's loop for other threads, until it is closed.
///
/// A loop that has ended must not be given work, and the daemon may answer at any time, also long after. So callers are
/// counted while they are inside, and `close()` waits for them: for as long as it takes to enqueue, never for the work.
final class LoopGate: Sendable {
    private let loop: any EventLoop
    private let inside = Atomic<Int>(0)
    private let isClosed = Atomic<Bool>(false)

    init(loop: any EventLoop) {
        self.loop = loop
    }

    /// Runs the work on the loop, or drops it when the gate is closed.
    func enqueue(_ work: @escaping @Sendable () -> Void) {
        inside.add(1, ordering: .sequentiallyConsistent)
        defer { inside.subtract(1, ordering: .sequentiallyConsistent) }
        guard !isClosed.load(ordering: .sequentiallyConsistent) else { return }
        loop.execute(work)
    }

    /// Lets nobody in any more, and returns once nobody is inside. Not to be called on the loop.
    func close() {
        isClosed.store(true, ordering: .sequentiallyConsistent)
        while inside.load(ordering: .sequentiallyConsistent) > 0 { sched_yield() }
    }
}
