import RefreshCore

/// Listening, and the nonces that prove it.
extension Instance {
    func connectListener() {
        after(world.latency()) { [unowned self] in
            guard let session = world.postgres.open() else { return retry(0) { [unowned self] in connectListener() } }
            listener = session
            session.onLost = entry { [unowned self] in listenerLost("its session ended") }
            session.onNotification = { [unowned self, life] notification, sent in
                enter(life) { [unowned self] in receive(notification, sent, on: session) }
            }
            // The statement commits first, and its answer comes later.
            let life = life
            world.agenda.after(world.latency()) { [unowned self] in
                guard session.isOpen, !session.isCut else {
                    // The client's own deadline ends the wait for an answer.
                    return enter(life) { [unowned self] in
                        after(.seconds(10)) { [unowned self] in
                            if listener === session { listenerLost("LISTEN is not answered") }
                        }
                    }
                }
                session.listens = true
                world.agenda.after(world.latency()) { [unowned self] in
                    enter(life) { [unowned self] in listening(session) }
                }
            }
        }
    }

    private func listening(_ session: SimulatedPostgres.Session) {
        guard listener === session else { return }
        note("listens")
        canary.listening(at: world.now)
        keeper.feedRestored(at: world.now)
        act()
        sendNonce()
    }

    func listenerLost(_ why: String) {
        guard listener != nil else { return }
        note("has lost its listener: \(why)")
        if canary.isProven { backoffs[0].reset() }
        world.postgres.close(listener)
        listener = nil
        keeper.feedLost(since: min(world.now, canary.completeUntil ?? world.now), at: world.now)
        canary.deaf()
        act()
        retry(0) { [unowned self] in connectListener() }
    }

    private func receive(_ notification: SimulatedPostgres.Notification, _ sent: Moment, on session: AnyObject) {
        guard listener === session else { return }
        canary.word(at: world.now)
        switch notification {
        case .nonce(let nonce):
            guard nonce.instance == canary.instance else { return keeper.heardAny(nonce) }
            if canary.heard(nonce, at: world.now) { keeper.feedProven(at: world.now) }
            keeper.heardOwn(nonce, at: world.now)
        case .write(let number, let write):
            heardWrites += 1
            if world.sabotage.breaks(.notifications), heardWrites % 50 == 0 { return }
            note("hears of commit \(number)")
            heard(number)
            take(write, number)
        }
        settleSoon()
    }

    // MARK: Nonces

    func beat() {
        sendNonce()
        after(Self.heartbeat) { [unowned self] in
            look()
            beat()
        }
    }

    private func sendNonce() {
        let nonce = canary.next(at: world.now)
        guard let lease, lease.isOpen, !lease.isCut else { return }
        let life = life
        world.agenda.after(world.latency()) { [unowned self] in
            guard lease.isOpen, !lease.isCut else { return }
            world.postgres.notify(nonce)
            world.agenda.after(world.latency()) { [unowned self] in
                enter(life) { [unowned self] in canary.taken(nonce, at: world.now) }
            }
        }
    }

    /// Asks the listening session when nonces are missing; its answer comes after all that it was sent.
    private func look() {
        let patience = Moment.Span.milliseconds(500)
        guard canary.silence(at: world.now, patience: patience) != nil, let session = listener else { return }
        let life = life
        let answer = max(session.lastArrival, world.now + world.latency())
        world.agenda.at(session.isCut ? world.now + .seconds(2) : answer) { [unowned self] in
            enter(life) { [unowned self] in
                guard listener === session, session.isCut || canary.silence(at: world.now, patience: patience) != nil
                else { return }
                listenerLost("nonces do not come back")
            }
        }
    }
}
