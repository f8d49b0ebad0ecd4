import Glibc

/// How the kernel takes turns between the loop's thread and the servers that share its machine.
enum LoopPriority {
    /// `SCHED_BATCH` of sched(7), which the C library's module does not name.
    private static let batch: Int32 = 3

    /// Has whoever wakes the calling thread finish what it is at, in place of being interrupted.
    ///
    /// Redis tells us that a value is stored before it tells subscribers, and Postgres that an answer begins: where
    /// they share our processor, to interrupt them holds up what everybody waits for. A policy that was chosen for
    /// the process stays, and where the call is not allowed nothing changes: the unit file says the same.
    static func letOthersFinish() {
        guard sched_getscheduler(0) == SCHED_OTHER else { return }
        var parameters = sched_param()
        parameters.sched_priority = 0
        _ = unsafe sched_setscheduler(0, batch, &parameters)
    }
}
