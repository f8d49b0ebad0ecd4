import CSystemdEvent
import Glibc
import Synchronization

/// sd-event as a Swift executor: one thread that runs jobs, descriptors, timers and signals.
///
/// `run` lends it the calling thread. Jobs enqueued from that thread go to a plain array; jobs from another
/// thread go through a locked inbox and one eventfd write for the first of them. Between two turns the loop
/// runs all jobs it has, then sleeps until a source is ready: with nothing to do it never wakes.
///
/// Unchecked Sendable: `inbox` and `wake` are safe from any thread; the rest is touched on the loop's thread only.
@safe public final class EventLoop: SerialExecutor, TaskExecutor, @unchecked Sendable {
    /// The process has one loop: `Loop` is its isolation.
    public static let shared = EventLoop()

    /// What there is to run.
    private enum Work: Sendable {
        case job(UnownedJob)
        case body(@Loop @Sendable () -> Void)
    }

    /// The sd-event object; used by the sources of this module.
    let event: OpaquePointer
    private let thread = Atomic<UInt>(0)
    private let turns = Atomic<UInt64>(0)
    private let inbox = Inbox<Work>()
    private let wake: Int32
    private var wakeSource: OpaquePointer?
    private var jobs: [Work] = []
    private var running: [Work] = []
    private var exitCode: Int32?

    private init() {
        var event: OpaquePointer?
        let made = unsafe sd_event_new(&event)
        wake = eventfd(0, Int32(EFD_CLOEXEC) | Int32(EFD_NONBLOCK))
        // Without an event object or an eventfd there is no daemon, and nobody to report to yet.
        guard made >= 0, let event = unsafe event, wake >= 0 else { fatalError("no event loop: errno \(errno)") }
        unsafe self.event = event
        unsafe sd_event_add_io(
            event, &wakeSource, wake, UInt32(EPOLLIN.rawValue),
            { _, fd, _, _ in
                var count: UInt64 = 0
                return unsafe read(fd, &count, 8) == 8 || errno == EAGAIN ? 0 : -errno
            }, nil)
    }

    /// How many turns the loop has made: a number that stands still tells another thread that the loop hangs.
    public var turnCount: UInt64 { turns.load(ordering: .relaxed) }

    /// Whether the calling thread is the loop's.
    public var isCurrent: Bool { thread.load(ordering: .relaxed) == UInt(pthread_self()) }

    /// Runs the loop on the calling thread until `main` returns; gives its result back.
    public func run(_ main: @escaping @Sendable () async -> Int32) -> Int32 {
        thread.store(UInt(pthread_self()), ordering: .relaxed)
        exitCode = nil
        // The root task, which everything else is a child of.
        Task(executorPreference: self) {
            let code = await main()
            await self.finish(code)
        }
        while true {
            runJobs()
            if let exitCode { return exitCode }
            turns.wrappingAdd(1, ordering: .relaxed)
            let result = unsafe sd_event_run(event, jobs.isEmpty ? UInt64.max : 0)
            if result < 0, result != -EINTR { return 71 }
        }
    }

    @Loop
    private func finish(_ code: Int32) { exitCode = code }

    /// Runs what there is, and what that enqueues, for a few rounds; then sources have their turn.
    private func runJobs() {
        inbox.drain(into: &jobs)
        for _ in 0..<4 where !jobs.isEmpty { runRound() }
    }

    private func runRound() {
        swap(&jobs, &running)
        for work in running {
            switch work {
            case .job(let job):
                unsafe job.runSynchronously(
                    isolatedTo: asUnownedSerialExecutor(), taskExecutor: asUnownedTaskExecutor())
            case .body(let body): Loop.assumeIsolated { body() }
            }
        }
        running.removeAll(keepingCapacity: true)
    }

    /// Runs `body` behind the jobs that there are; on the loop's thread.
    func performSoon(_ body: @escaping @Loop @Sendable () -> Void) { jobs.append(.body(body)) }

    /// Takes a job to run, from any thread.
    public func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        if isCurrent {
            jobs.append(.job(job))
        } else if inbox.append(.job(job)) {
            var one: UInt64 = 1
            _ = unsafe write(wake, &one, 8)
        }
    }

    /// The loop as the executor of an actor.
    public func asUnownedSerialExecutor() -> UnownedSerialExecutor { unsafe UnownedSerialExecutor(ordinary: self) }
    /// The loop as the executor that tasks prefer.
    public func asUnownedTaskExecutor() -> UnownedTaskExecutor { unsafe UnownedTaskExecutor(ordinary: self) }
    /// Whether the calling code is isolated to it: whether it runs on the loop's thread.
    public func isIsolatingCurrentContext() -> Bool? { isCurrent }
    /// Traps off the loop's thread.
    public func checkIsolated() { precondition(isCurrent, "not on the event loop's thread") }

    /// The monotonic clock, in nanoseconds.
    public static var now: Int64 {
        var time = timespec()
        unsafe clock_gettime(CLOCK_MONOTONIC, &time)
        return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
    }
}
