/// The rows of the fault matrix that a schedule draws from.
enum FaultList {
    /// All that so many daemons allow.
    static func all(daemons: Int) -> [any Fault] {
        [KilledSession(role: "listener"), KilledSession(role: "worker"), KilledSession(role: "lease"), EmptiedRedis()]
    }
}
