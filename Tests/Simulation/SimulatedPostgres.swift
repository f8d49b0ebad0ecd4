import RefreshCore

/// A database in memory: rows with versions, sessions, one advisory lock, and notifications in the order of commits.
final class SimulatedPostgres {
    /// A notification on its way: what a transaction tells of, or a nonce.
    enum Notification {
        case write(number: Int, Scenario.Write)
        case nonce(Nonce)
    }

    /// One session, as the server and its client see it.
    final class Session {
        var isOpen = true
        /// The client's packets and the server's are dropped, and neither is told.
        var isCut = false
        var listens = false
        /// When the last notification that was sent arrives: they keep their order.
        var lastArrival = Moment(nanoseconds: 0)
        var onNotification: (Notification, Moment) -> Void = { _, _ in }
        var onLost: () -> Void = {}
    }

    unowned let world: World
    private(set) var isUp = true
    /// The version of each row, and whether it exists; versions are numbers of commits.
    private(set) var versions = Array(repeating: 0, count: Site.rows)
    private(set) var exists = Array(repeating: true, count: Site.rows)
    private(set) var commits = 0
    /// The items that use each part, and the commit that changed that last.
    private(set) var users: [[Int]]
    private(set) var moved: [Int]
    private var transactions = 0
    private var sessions: [Session] = []
    private var lockHolder: Session?

    init(_ world: World) {
        self.world = world
        users = world.scenario.parts
        moved = users.map { _ in 0 }
    }

    // MARK: Statements

    func commit(_ write: Scenario.Write) {
        guard isUp else { return }
        var write = write
        commits += 1
        if let part = write.part {
            let former = users[part.number]
            users[part.number] = part.users ?? former
            if users[part.number] != former { moved[part.number] = commits }
            write.part?.gone = former.filter { !users[part.number].contains($0) }
            write.rows = Array(Set(former + users[part.number])).sorted()
        }
        for row in write.rows {
            versions[row] = commits
            exists[row] = !write.deletes
        }
        world.trace.note(world.now, "postgres", "commit \(commits): \(write)")
        world.committed(write, number: commits)
        send(.write(number: commits, write))
    }

    /// What the queries of keys return now: the version of each, and whether there is a row.
    func read(_ key: Int) -> (version: Int, exists: Bool) {
        if key == Site.front { return (versions[..<Site.items].max() ?? 0, true) }
        return (versions[key], exists[key])
    }

    func notify(_ nonce: Nonce) { send(.nonce(nonce)) }

    func tryLock(_ session: Session) -> Bool {
        if lockHolder == nil { lockHolder = session }
        return lockHolder === session
    }

    func nextTransaction() -> String {
        transactions += 1
        let digits = String(transactions, radix: 16)
        return "00000001" + String(repeating: "0", count: 16 - digits.count) + digits
    }

    private func send(_ notification: Notification) {
        for session in sessions where session.isOpen && session.listens && !session.isCut {
            let sent = world.now
            session.lastArrival = max(session.lastArrival, sent + world.latency())
            world.agenda.at(session.lastArrival) {
                if session.isOpen, !session.isCut { session.onNotification(notification, sent) }
            }
        }
    }

    // MARK: Sessions

    /// A new session; nil while the server is down.
    func open() -> Session? {
        guard isUp else { return nil }
        let session = Session()
        sessions.append(session)
        return session
    }

    /// The session ends on both sides; its client hears of it a little later, unless it is cut.
    func kill(_ session: Session?) {
        guard let session, session.isOpen else { return }
        session.isOpen = false
        sessions.removeAll { $0 === session }
        if lockHolder === session { lockHolder = nil }
        world.agenda.after(world.latency()) { session.onLost() }
    }

    /// The client ends it, or is gone; the server of a cut session learns of it by its own patience only.
    func close(_ session: Session?) {
        guard let session else { return }
        session.onLost = {}
        session.onNotification = { _, _ in }
        if session.isCut {
            world.agenda.after(.seconds(11)) { [self] in kill(session) }
        } else {
            kill(session)
        }
    }

    /// Lets go of everything.
    func end() {
        for session in sessions { (session.onLost, session.onNotification) = ({}, { _, _ in }) }
        (sessions, lockHolder) = ([], nil)
    }

    func restart() {
        world.trace.note(world.now, "postgres", "restarts")
        for session in sessions { kill(session) }
        isUp = false
        world.agenda.after(world.chance.span(100_000, 1_500_000)) { [self] in isUp = true }
    }
}
