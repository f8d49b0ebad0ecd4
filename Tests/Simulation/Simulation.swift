public import RefreshCore

/// One run: a site, its daemons, what is done to them, and the verdict.
public struct Simulation {
    /// What came of a run.
    public struct Outcome {
        /// What was broken, if anything was.
        public let violation: Violation?
        /// How many things happened.
        public let steps: Int
        /// What happened, line by line; empty unless it was asked for.
        public let history: [String]
    }

    let scenario: Scenario
    let sabotage: Sabotage

    /// The run of a seed.
    public init(seed: UInt64, sabotage: Sabotage = Sabotage()) {
        self.init(Scenario(seed: seed), sabotage: sabotage)
    }

    init(_ scenario: Scenario, sabotage: Sabotage) {
        self.scenario = scenario
        self.sabotage = sabotage
    }

    /// Runs it; with `traced`, the history is kept.
    public func run(traced: Bool = false) -> Outcome {
        let world = World(scenario, sabotage: sabotage, trace: Trace(isOn: traced))
        let instances = (0..<scenario.instances).map { Instance(world, number: $0) }
        world.instances = instances
        for instance in instances {
            world.agenda.after(world.chance.span(0, 300_000)) { instance.start() }
        }
        for (time, event) in scenario.events {
            world.agenda.at(time) { Self.perform(event, world, instances) }
        }
        let end = Moment(nanoseconds: 0) + Scenario.length
        while world.step(until: end) {}
        heal(world, instances)
        converge(world, from: max(end, world.now))
        // What waits holds what it waits for, and the other way round.
        defer { world.end() }
        return Outcome(violation: world.violation, steps: world.agenda.steps, history: world.trace.lines)
    }

    private func heal(_ world: World, _ instances: [Instance]) {
        world.isHealed = true
        world.poisoned = []
        world.broken = []
        world.slowness = .seconds(0)
        for instance in instances {
            instance.thaw()
            instance.start()
        }
    }

    /// All is well again: within the bound the cache equals the database, and stays so.
    private func converge(_ world: World, from end: Moment) {
        let bound = ConvergenceBound(heartbeat: Instance.heartbeat, statementTimeout: .seconds(10)).span
        var isRight = false
        var until = end
        while world.violation == nil {
            // Looked at every second; once right it has to stay right for five.
            until = until + .seconds(1)
            while world.step(until: until) {}
            let difference = world.difference()
            if isRight, let difference, until - end > bound { return world.fail(.convergent, "later \(difference)") }
            if difference == nil {
                if isRight, until - end > .seconds(8) {
                    if let loss = world.unexplainedLoss() { world.fail(.nothingLost, loss) }
                    return
                }
                isRight = true
            } else {
                isRight = false
                if until - end > bound {
                    if let loss = world.unexplainedLoss() { return world.fail(.nothingLost, loss) }
                    return world.fail(.convergent, "\(Int(bound.seconds)) s after the last fault \(difference ?? "")")
                }
            }
        }
    }
}
