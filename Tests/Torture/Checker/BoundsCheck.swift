/// Decides G6: memory and queue have bounds.
enum BoundsCheck {
    /// What is above its bound; memory in KiB, the queue in bytes.
    static func violations(
        daemon: Int, memory: Int, memoryBound: Int, queue: Int, queueBound: Int
    ) -> [Violation] {
        var violations: [Violation] = []
        if memory > memoryBound {
            violations.append(
                Violation(
                    guarantee: .bounded, what: "Daemon \(daemon) had more memory resident than its bound.",
                    history: ["\(memory) KiB of \(memoryBound) KiB"]))
        }
        if queue > queueBound {
            violations.append(
                Violation(
                    guarantee: .bounded, what: "The queue of daemon \(daemon) grew above its bound.",
                    history: ["\(queue) B of \(queueBound) B"]))
        }
        return violations
    }
}
