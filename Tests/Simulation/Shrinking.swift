import RefreshCore

extension Simulation {
    /// The smallest scenario found that breaks the same guarantee, and the table of what happens in it.
    public func shrunk(breaking guarantee: Guarantee) -> (scenario: String, history: [String], violation: Violation?) {
        var smallest = scenario
        var size = max(1, smallest.events.count / 2)
        while size >= 1 {
            var start = 0
            while start < smallest.events.count {
                var candidate = smallest
                candidate.events.removeSubrange(start..<min(start + size, candidate.events.count))
                if Simulation(candidate, sabotage: sabotage).run().violation?.guarantee == guarantee {
                    smallest = candidate
                } else {
                    start += size
                }
            }
            size /= 2
        }
        let outcome = Simulation(smallest, sabotage: sabotage).run(traced: true)
        return (smallest.description, outcome.history, outcome.violation)
    }
}
