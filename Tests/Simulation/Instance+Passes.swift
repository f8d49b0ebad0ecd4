import RefreshCore

/// Passes: a walk over the keys that are cached, then a stream of all rows from one old snapshot.
extension Instance {
    func begin(_ region: RegionID, _ kind: RegionPasses.Kind) {
        passNumber += 1
        let begun = RunningPass(region: region, kind: kind, number: passNumber)
        pass = begun
        note("begins to \(kind) region \(region.index)")
        after(world.latency()) { [unowned self] in
            guard pass === begun else { return }
            if kind == .purge { deleteAll(begun) } else { refreshAll(begun) }
        }
    }

    private func end(_ ended: RunningPass, completed: Bool) {
        guard pass === ended else { return }
        pass = nil
        note("ends the pass over region \(ended.region.index), completed: \(completed)")
        if completed { passOver(ended.region) }
        keeper.passEnded(ended.region, completed: completed && !ended.isSuperseded, at: world.now)
        act()
        settleSoon()
    }

    private func cached(_ region: RegionID) -> [Int] {
        Site.keys(of: region).filter { world.redis.data.values[$0] != nil }
    }

    // MARK: Purge

    private func deleteAll(_ running: RunningPass) {
        let keys = cached(running.region).filter { keeper.queue.admits(Site.names[$0], in: running.region) }
        guard isWritable, !running.isSuperseded else { return end(running, completed: false) }
        write(keys.map { ($0, nil, false) }, nil) { [unowned self] isStored in end(running, completed: isStored) }
    }

    // MARK: Resync

    private func refreshAll(_ running: RunningPass) {
        guard let link, isWritable, !running.isSuperseded else { return end(running, completed: false) }
        let event = keeper.queue.begin(
            Event(purpose: .pass(running.region), payload: .empty, sequence: running.number, seen: world.now))
        // Redis lists the keys behind all that was written before on this connection.
        send(.scan(running.region), on: link) { [unowned self] reply in
            guard pass === running else { return }
            var keys: [Int] = []
            if case .keys(let found) = reply { keys = found } else { running.isSuperseded = true }
            if running.region.index == 0, !keys.contains(Site.front) { keys.append(Site.front) }
            ask(running, keys[...], event)
        }
    }

    /// A page of two keys at a time, each when the queue is calm.
    private func ask(_ running: RunningPass, _ keys: ArraySlice<Int>, _ event: EventID?) {
        guard pass === running else { return }
        // A walk that could not go on has not asked for all keys: the pass is not carried through.
        if !keys.isEmpty, !isWritable { running.isSuperseded = true }
        if keys.isEmpty || running.isSuperseded {
            if let event { keeper.queue.seal(event) }
            return settleSoon()
        }
        guard keeper.queue.isCalm else {
            return after(.milliseconds(1)) { [unowned self] in ask(running, keys, event) }
        }
        for key in keys.prefix(1) {
            keeper.queue.refresh(
                Site.query(of: key), key: Site.names[key], parameters: Site.parameters(of: key), event: event,
                at: world.now)
        }
        settleSoon()
        after(.milliseconds(0)) { [unowned self] in ask(running, keys.dropFirst(1), event) }
    }

    /// The keys that the walk asked for are done: the warm statement reads its snapshot.
    func passKeysDone() {
        guard let running = pass else { return }
        guard isWritable, !running.isSuperseded else { return end(running, completed: false) }
        keeper.queue.remember(running.region)
        let life = life
        world.agenda.after(world.latency()) { [unowned self] in
            let rows = Site.keys(of: running.region).filter { $0 != Site.front }
                .map { (key: $0, row: world.postgres.read($0)) }.filter(\.row.exists)
            world.agenda.after(world.latency()) { [unowned self] in
                enter(life) { [unowned self] in stream(running, rows[...]) }
            }
        }
    }

    /// Two rows at a time, each a while after the one before.
    private func stream(_ running: RunningPass, _ rows: ArraySlice<(key: Int, row: (version: Int, exists: Bool))>) {
        guard pass === running else { return }
        if rows.isEmpty { return end(running, completed: true) }
        guard isWritable, !running.isSuperseded, !keeper.queue.passesOverflowed else {
            return end(running, completed: false)
        }
        let chunk = rows.prefix(2).filter { keeper.queue.admits(Site.names[$0.key], in: running.region) }
        write(chunk.map { ($0.key, $0.row.version, true) }, nil) { [unowned self] isStored in
            guard isStored else { return end(running, completed: false) }
            after(world.chance.span(100, 30_000)) { [unowned self] in stream(running, rows.dropFirst(2)) }
        }
    }
}
