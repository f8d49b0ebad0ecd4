@testable import RefreshCore

/// The shell's part in a pass: walk the keys that are cached, and write, delete or ask.
extension QueueWalk {
    /// A pass over one region.
    struct RunningPass {
        enum Manner { case purge, delete, stream, ask }

        let number: UInt64
        let manner: Manner
        /// The keys that are still to be seen, the last one first.
        var keys: [Int]
        /// The database as the statement of a stream sees it.
        let snapshot: [Int]
        /// Keys were asked for, and their refreshes are waited for.
        var isWaiting = false
        var isAnswered = false
    }

    mutating func want(_ kind: RegionPasses.Kind, _ region: RegionID) throws(Violation) {
        if passes.want(kind, region) { end(region, completed: false) }
    }

    mutating func advancePasses() throws(Violation) {
        try settle()
        if running.isEmpty || chance(30), let (region, kind) = passes.next() { return try begin(kind, region) }
        guard let region = running.keys.sorted().randomElement(using: &dice), var pass = running[region] else { return }
        let id = RegionID(region)
        if !isDraining, chance(8) { return end(id, completed: false) }
        if pass.isWaiting {
            guard pass.isAnswered else { return }
            pass.isWaiting = false
            pass.isAnswered = false
        } else if pass.keys.isEmpty {
            return end(id, completed: true)
        } else if pass.manner == .ask {
            ask(&pass, id)
        } else if let key = pass.keys.popLast() {
            try visit(key, pass)
        }
        running[region] = pass
    }

    private mutating func begin(_ kind: RegionPasses.Kind, _ region: RegionID) throws(Violation) {
        try demand(running[region.index] == nil, "a region has two passes")
        queue.beginPass(region)
        let hasQuery = region == Shop.items || region == Shop.pages && hasPages
        var manner = RunningPass.Manner.purge
        if kind == .resync { manner = hasQuery ? [.delete, .stream, .ask][pick(3)] : .delete }
        if manner == .stream || manner == .delete { queue.remember(region) }
        passNumber += 1
        running[region.index] = RunningPass(
            number: passNumber, manner: manner,
            keys: World.ofRegion[region.index].filter { world.cache[$0] != nil }, snapshot: world.database)
    }

    private mutating func visit(_ key: Int, _ pass: RunningPass) throws(Violation) {
        let known = World.keys[key]
        guard world.cache[key] != nil, queue.admits(known.bytes, in: known.region) else { return }
        switch pass.manner {
        case .stream: try world.write(key, pass.snapshot[key])
        case .purge:
            try demand(
                !world.mustExist[key], "a purge deleted \(known.bytes), which was refreshed after it was asked for")
            world.delete(key)
        case .delete, .ask:
            world.mustExist[key] = false
            world.delete(key)
        }
    }

    /// Asks for the next keys, and waits for them.
    private mutating func ask(_ pass: inout RunningPass, _ region: RegionID) {
        let id = queue.begin(Event(purpose: .pass(region), payload: .empty, sequence: pass.number, seen: now))
        guard let id else { return }
        for _ in 0..<2 {
            guard let key = pass.keys.popLast() else { break }
            if World.keys[key].region == Shop.pages, !hasPages { continue }
            let query = World.keys[key].queries[0]
            watchingFolds { walk in
                walk.queue.refresh(
                    query.id, key: World.keys[key].bytes, parameters: query.parameters, event: id, at: walk.now)
            }
        }
        queue.seal(id)
        pass.isWaiting = true
    }

    private mutating func end(_ region: RegionID, completed: Bool) {
        running[region.index] = nil
        queue.endPass(region, completed: completed)
        passes.ended(region, completed: completed)
    }

    // MARK: At rest

    /// No event comes any more, and all goes well.
    mutating func drain() throws(Violation) {
        isDraining = true
        if !hasPages { reload(hasPages: true) }
        heal()
        for _ in 0..<3_000 {
            try settle()
            if queue.isQuiet, passes.isQuiet, queue.keyCount == 0 { return }
            if let batch = queue.takeBatch(at: now) ?? queue.takeDeletions(at: now) {
                try takeOff(batch)
            } else if !flights.isEmpty {
                try advanceFlight()
            } else {
                try advancePasses()
                if let wake = queue.nextWake { now = max(now, wake) }
            }
            try compareCounts()
        }
        throw Violation("it does not come to rest: \(queue.keyCount) keys wait, \(passes.pending) passes")
    }

    func compareAtRest() throws(Violation) {
        for key in World.keys.indices {
            let name = World.keys[key].bytes
            if let cached = world.cache[key] {
                try demand(
                    cached == world.database[key], "\(name) is cached as \(cached), but is \(world.database[key])")
            } else {
                try demand(!world.mustExist[key], "\(name) was refreshed and is gone")
            }
        }
        try demand(waiting.isEmpty, "messages were lost: \(waiting.keys.sorted())")
        try demand(queue.bytes == 0, "\(queue.bytes) bytes are left at rest")
        // How many places of keys in events are in use shows in no figure.
        let links = queue.events.links.count
        try demand(links == 0, "\(links) links are left at rest")
    }
}
