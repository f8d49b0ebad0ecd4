import RefreshCore

/// Batches, from the queue through Postgres to Redis.
extension Instance {
    func connect(_ worker: WorkerSlot) {
        after(world.latency()) { [unowned self] in
            guard let session = world.postgres.open() else {
                return after(.milliseconds(300)) { [unowned self] in connect(worker) }
            }
            worker.session = session
            session.onLost = entry { [unowned self] in workerLost(worker, session) }
            settleSoon()
        }
    }

    func workerLost(_ worker: WorkerSlot, _ session: SimulatedPostgres.Session) {
        guard worker.session === session else { return }
        world.postgres.close(session)
        worker.session = nil
        for batch in [worker.batch, worker.behind] {
            if let batch { finish(batch, .interrupted) }
        }
        worker.batch = nil
        worker.behind = nil
        after(.milliseconds(100)) { [unowned self] in connect(worker) }
    }

    // MARK: Settling

    func settleSoon() {
        if isSettling { return }
        isSettling = true
        after(.seconds(0)) { [unowned self] in settle() }
    }

    private func settle() {
        isSettling = false
        keeper.resyncFolded(at: world.now)
        for event in keeper.queue.takeDue() {
            switch event.purpose {
            case .messages: publish(Int(event.sequence))
            case .pass(nil): keeper.caughtUp(at: world.now)
            case .call: break
            case .pass: if pass?.number == event.sequence { passKeysDone() }
            }
        }
        act()
        if isWritable {
            while isWritable, let batch = keeper.queue.takeDeletions(at: world.now) {
                take(batch)
                delete(batch)
            }
            for worker in workers where isWritable && worker.session != nil && worker.batch == nil {
                guard let batch = keeper.queue.takeBatch(at: world.now) else { break }
                take(batch)
                run(batch, on: worker)
            }
            if pass == nil, let next = keeper.nextPass() { begin(next.region, next.kind) }
        }
        noteCalm()
        if let next = keeper.queue.nextWake, next > world.now, wakeAt.map({ $0 > next || $0 <= world.now }) ?? true {
            wakeAt = next
            after(next - world.now) { [unowned self] in settleSoon() }
        }
    }

    /// Carries out what the keeper has decided besides.
    func act() {
        let effects = keeper.takeEffects()
        if let pass, effects.superseded.contains(pass.region) { pass.isSuperseded = true }
        if effects.isPassWanted { settleSoon() }
        if effects.isDemoted {
            owesNothing()
            renew()
        }
        for gap in effects.answered {
            note("gap answered: \(gap.cause)")
            answered.append(gap)
        }
    }

    private func take(_ batch: Batch) {
        for item in batch.items {
            guard let key = Site.numbers[item.key] else { continue }
            if !inFlight.insert(key).inserted {
                world.fail(.monotone, "key \(Site.names[key]) is in flight twice in daemon \(number)")
            }
        }
    }

    private func finish(_ batch: Batch, _ outcome: BatchOutcome) {
        for item in batch.items { if let key = Site.numbers[item.key] { inFlight.remove(key) } }
        if batch.work == .together {
            // After a fault of its own a group falls apart; one that was interrupted runs again whole.
            switch outcome {
            case .failed, .broken, .timedOut: isApart = true
            case .stored, .interrupted: break
            }
        }
        keeper.queue.finish(batch, outcome, at: world.now)
        settleSoon()
    }

    // MARK: Statements

    private func run(_ batch: Batch, on worker: WorkerSlot) {
        guard let session = worker.session else { return }
        worker.batch = batch
        let othersAreFree = workers.contains { $0.session != nil && $0.batch == nil }
        if isWritable,
            let behind = keeper.queue.takeBehind(batch, othersAreFree: othersAreFree, at: world.now)
        {
            take(behind)
            worker.behind = behind
        }
        let life = life
        if session.isCut {
            // The client's own deadline ends it.
            return after(.seconds(12)) { [unowned self] in workerLost(worker, session) }
        }
        world.agenda.after(world.latency() + world.slowness) { [unowned self] in
            guard session.isOpen, !session.isCut else {
                return enter(life) { [unowned self] in
                    after(.seconds(10)) { [unowned self] in workerLost(worker, session) }
                }
            }
            let keys = batch.items.compactMap { Site.numbers[$0.key] }
            let answer = answer(to: batch, keys)
            let outcome = fault(of: batch, keys)
            // The statements of the other queries of a group follow in the same snapshot.
            let others = batch.parts.dropFirst().reduce(Moment.Span.seconds(0)) { sum, _ in sum + world.latency() }
            world.agenda.after(world.latency() + others) { [unowned self] in
                enter(life) { [unowned self] in
                    guard worker.batch?.number == batch.number else { return }
                    worker.batch = nil
                    if let behind = worker.behind {
                        worker.behind = nil
                        run(behind, on: worker)
                    }
                    if let outcome {
                        note("statement of \(batch.items.count) keys fails")
                        return finish(batch, outcome)
                    }
                    switch answer {
                    case .rows(let rows): store(batch, rows)
                    case .found(let items): resolve(batch, to: items)
                    }
                }
            }
        }
    }

    /// What a statement has read, or several of one transaction, in one snapshot.
    private enum Answer {
        case rows([(version: Int, exists: Bool)])
        /// The items that a resolver has found, for each part of the batch.
        case found([[Int]])
    }

    private func answer(to batch: Batch, _ keys: [Int]) -> Answer {
        if batch.work == .refresh(Site.resolver) { return .found(keys.map { world.postgres.users[$0 - Site.keys] }) }
        return .rows(keys.map { world.postgres.read($0) })
    }

    /// The items that use the parts of a batch are asked for, and the parts are done.
    private func resolve(_ batch: Batch, to items: [[Int]]) {
        for place in batch.items.indices {
            let keys = items[place].map { (key: Site.names[$0], parameters: Site.parameters(of: $0)) }
            keeper.queue.resolved(batch, place, to: keys, of: Site.item, at: world.now)
        }
        finish(batch, .stored(except: []))
    }

    private func fault(of batch: Batch, _ keys: [Int]) -> BatchOutcome? {
        guard !world.isHealed else { return nil }
        let fault = RefreshFault(sqlState: "22012", text: "division by zero")
        if case .refresh(let query) = batch.work, world.broken.contains(query.index) { return .broken(fault) }
        if batch.parts.contains(where: { world.broken.contains($0.query.index) }) { return .broken(fault) }
        if keys.contains(where: { world.poisoned.contains($0) }) { return .failed(fault) }
        return world.chance.percent(2) && !keys.isEmpty ? .timedOut(fault) : nil
    }

    // MARK: Writes

    private func store(_ batch: Batch, _ rows: [(version: Int, exists: Bool)]) {
        keeper.queue.answered(batch)
        var word: OwnerWord?
        if case .canary = batch.work { word = keeper.word(token: fence.token, at: world.now) }
        var changes: [(key: Int, version: Int?, isValue: Bool)] = []
        for (place, row) in zip(batch.items.indices, rows) {
            guard let key = Site.numbers[batch.items[place].key] else { continue }
            let mayStore = keeper.queue.mayStore(batch, place)
            changes.append((key, mayStore ? row.version : nil, mayStore && row.exists))
        }
        if world.sabotage.breaks(.acknowledge), !batch.items.isEmpty {
            finish(batch, .stored(except: []))
            return write(changes, word) { _ in }
        }
        write(changes, word) { [unowned self] isStored in
            if isStored, case .canary(let number) = batch.work { canary.stored(number, at: world.now) }
            finish(batch, isStored ? .stored(except: []) : .interrupted)
        }
    }

    private func delete(_ batch: Batch) {
        let keys = batch.items.compactMap { Site.numbers[$0.key] }
        write(keys.map { ($0, nil, false) }, nil) { [unowned self] isStored in
            finish(batch, isStored ? .stored(except: []) : .interrupted)
        }
    }

    /// Sends a write; `done` hears whether it is known to be carried out.
    func write(
        _ changes: [(key: Int, version: Int?, isValue: Bool)], _ word: OwnerWord?, _ done: @escaping (Bool) -> Void
    ) {
        guard let link, isWritable else { return done(false) }
        let request = SimulatedRedis.Write(author: number, token: fence.token, changes: changes, word: word)
        send(.write(request), on: link) { [unowned self] reply in
            if case .written = reply { return done(true) }
            if self.link === link { renew() }
            done(false)
        }
    }
}
