import RefreshCore

/// The lease, the fence and the connection to Redis.
extension Instance {
    func connectLease() {
        after(world.latency()) { [unowned self] in
            guard let session = world.postgres.open() else { return retry(1) { [unowned self] in connectLease() } }
            lease = session
            session.onLost = entry { [unowned self] in leaseLost() }
            tryLock()
        }
    }

    func leaseLost() {
        guard lease != nil else { return }
        note("has lost its lease")
        world.postgres.close(lease)
        lease = nil
        ownsLease = false
        retry(1) { [unowned self] in connectLease() }
    }

    private func tryLock() {
        guard let session = lease else { return }
        let life = life
        if session.isCut {
            return after(.seconds(10)) { [unowned self] in if lease === session { leaseLost() } }
        }
        world.agenda.after(world.latency()) { [unowned self] in
            guard session.isOpen else { return }
            let isTaken = world.postgres.tryLock(session)
            world.agenda.after(world.latency()) { [unowned self] in
                enter(life) { [unowned self] in
                    guard lease === session else { return }
                    backoffs[1].reset()
                    if isTaken {
                        note("holds the lease")
                        ownsLease = true
                        return watchLease(session)
                    }
                    keeper.demoted(at: world.now)
                    act()
                    settleSoon()
                    after(.milliseconds(250)) { [unowned self] in tryLock() }
                }
            }
        }
    }

    /// A session that is cut is found out when a nonce can not be sent.
    private func watchLease(_ session: SimulatedPostgres.Session) {
        after(.seconds(2)) { [unowned self] in
            guard lease === session else { return }
            if session.isCut { leaseLost() } else { watchLease(session) }
        }
    }

    // MARK: Redis

    func connectRedis() {
        after(world.latency()) { [unowned self] in
            guard let made = world.redis.open() else { return retry(2) { [unowned self] in connectRedis() } }
            link = made
            made.onLost = entry { [unowned self, unowned made] in linkLost(made) }
            keeper.redisWatchedAnew()
            watch(made)
        }
    }

    func linkLost(_ connection: SimulatedRedis.Connection) {
        guard link === connection else { return }
        note("has lost redis")
        link = nil
        isWritable = false
        retry(2) { [unowned self] in connectRedis() }
    }

    /// Ends the connection: after any doubt a new token is taken before anything is sent again.
    func renew() {
        guard let link else { return }
        world.redis.cut(link)
        linkLost(link)
    }

    private func watch(_ connection: SimulatedRedis.Connection) {
        guard link === connection else { return }
        if ownsLease { return takeToken(connection) }
        send(.watch, on: connection) { [unowned self] reply in
            guard link === connection, case .watched(let fence, let word) = reply else { return }
            if let word, word.token == fence {
                keeper.ownerSaid(word, at: world.now)
                act()
            }
            after(ownsLease ? .seconds(0) : .milliseconds(200)) { [unowned self] in watch(connection) }
        }
    }

    private func takeToken(_ connection: SimulatedRedis.Connection) {
        guard let session = lease, !session.isCut else {
            return after(.seconds(1)) { [unowned self] in watch(connection) }
        }
        let life = life
        world.agenda.after(world.latency()) { [unowned self] in
            guard session.isOpen else { return enter(life) { [unowned self] in again(connection) } }
            let token = world.postgres.nextTransaction()
            world.agenda.after(world.latency()) { [unowned self] in
                enter(life) { [unowned self] in raise(token, connection) }
            }
        }
    }

    private func again(_ connection: SimulatedRedis.Connection) {
        after(.milliseconds(250)) { [unowned self] in watch(connection) }
    }

    private func raise(_ token: String, _ connection: SimulatedRedis.Connection) {
        let run = world.redis.run
        send(.raise(token), on: connection) { [unowned self] reply in
            guard link === connection, case .raised(let replaced) = reply else { return }
            let raised = fence.raised(to: token, replacing: replaced, on: "\(run)")
            note("raises the fence to \(token.suffix(3)): \(raised)")
            switch raised {
            case .refused: return renew()
            case .lost where keeper.role == .owner: keeper.redisLost(at: world.now)
            case .lost, .same: keeper.promoted(replacing: replaced ?? "", at: world.now)
            }
            act()
            backoffs[2].reset()
            isWritable = true
            watchFence(connection)
            settleSoon()
        }
    }

    /// The owner asks for the fence at each heartbeat.
    private func watchFence(_ connection: SimulatedRedis.Connection) {
        after(Self.heartbeat) { [unowned self] in
            guard link === connection else { return }
            send(.watch, on: connection) { [unowned self] reply in
                guard link === connection, case .watched(let held, _) = reply else { return }
                if held != fence.token { return renew() }
                watchFence(connection)
            }
        }
    }

    func send(
        _ request: SimulatedRedis.Request, on connection: SimulatedRedis.Connection,
        _ done: @escaping (SimulatedRedis.Reply) -> Void
    ) {
        let life = life
        // A reply that does not come ends the connection after its deadline.
        var isAnswered = false
        world.redis.send(request, on: connection) { [unowned self] reply in
            isAnswered = true
            enter(life) { done(reply) }
        }
        after(.seconds(10)) { [unowned self] in
            if !isAnswered, link === connection { renew() }
        }
    }
}
