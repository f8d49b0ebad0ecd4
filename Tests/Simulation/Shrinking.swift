import RefreshCore

extension Simulation {
    /// The smallest scenario found that breaks the same guarantee, and the table of what happens in it.
    public func shrunk(breaking guarantee: Guarantee) -> (scenario: String, history: [String], violation: Violation?) {
        var smallest = scenario
        func tries(_ candidate: Scenario) -> Bool {
            guard Simulation(candidate, sabotage: sabotage).run().violation?.guarantee == guarantee else {
                return false
            }
            smallest = candidate
            return true
        }
        var size = max(1, smallest.events.count / 2)
        while size >= 1 {
            var start = 0
            while start < smallest.events.count {
                var candidate = smallest
                candidate.events.removeSubrange(start..<min(start + size, candidate.events.count))
                if !tries(candidate) { start += size }
            }
            size /= 2
        }
        // What is left becomes simpler, step by step, as long as something does.
        while smallest.simpler.contains(where: tries) {}
        let outcome = Simulation(smallest, sabotage: sabotage).run(traced: true)
        return (smallest.description, outcome.history, outcome.violation)
    }
}

extension Scenario {
    /// What a step simpler scenarios there are. Each changes families as a whole, as this one does.
    fileprivate var simpler: [Scenario] {
        var found: [Scenario] = []
        if hasMessages { found.append(with { $0.hasMessages = false }) }
        for place in families.indices { found.append(with { $0.dropFamily(place) }) }
        for place in parts.indices where !parts[place].isEmpty { found.append(with { $0.parts[place] = [] }) }
        for place in events.indices {
            guard case .write(let write) = events[place].event else { continue }
            for simple in simpler(write) { found.append(with { $0.events[place].event = .write(simple) }) }
        }
        return found
    }

    private func with(_ change: (inout Scenario) -> Void) -> Scenario {
        var copy = self
        change(&copy)
        return copy
    }

    /// A family that nobody changes any more is none.
    private mutating func dropFamily(_ place: Int) {
        let family = families.remove(at: place)
        for place in events.indices {
            guard case .write(var write) = events[place].event else { continue }
            write.rows.removeAll { family.contains($0) }
            events[place].event = .write(write)
        }
        events.removeAll {
            if case .write(let write) = $0.event { write.rows.isEmpty && write.part == nil } else { false }
        }
    }

    private func simpler(_ write: Write) -> [Write] {
        var found: [Write] = []
        func add(_ change: (inout Write) -> Void) {
            var simple = write
            change(&simple)
            found.append(simple)
        }
        if write.deletes { add { $0.deletes = false } }
        if write.part?.users != nil { add { $0.part?.users = nil } }
        if write.isTogether, !families.contains(where: { family in write.rows.contains { family.contains($0) } }) {
            add { $0.isTogether = false }
        }
        for row in write.rows {
            let unit = families.first { $0.contains(row) } ?? [row]
            let rest = write.rows.filter { !unit.contains($0) }
            if !rest.isEmpty, rest.count < write.rows.count { add { $0.rows = rest } }
        }
        return found
    }
}
