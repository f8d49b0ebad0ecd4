import RefreshCore

/// A Redis in memory with the fence's two scripts, whose connections lose, delay and repeat what is on its way.
final class SimulatedRedis {
    enum Request {
        case raise(String)
        case watch
        case scan(RegionID)
        case write(Write)
    }

    struct Write {
        /// Which daemon's it is.
        var author: Int
        var token: String
        /// Key, version, and whether there is a value; a deletion that rests on no reading has no version.
        var changes: [(key: Int, version: Int?, isValue: Bool)]
        var word: OwnerWord?
    }

    enum Reply {
        case raised(String?)
        case watched(fence: String?, word: OwnerWord?)
        case keys([Int])
        case written, lost, fenced
        /// The connection ended before a reply came.
        case none
    }

    final class Connection {
        var isOpen = true
        /// When the last request arrives, and the last reply: each keep their order.
        var lastArrival = Moment(nanoseconds: 0)
        var lastReply = Moment(nanoseconds: 0)
        var waiting: [(request: Request, done: (Reply) -> Void)] = []
        var onLost: () -> Void = {}
    }

    struct Data {
        var fence: String?
        var word: OwnerWord?
        var values: [Int: Int] = [:]
    }

    unowned let world: World
    private(set) var data = Data()
    private var dump = Data()
    private(set) var run = 1
    /// How often data were lost.
    private(set) var losses = 0
    private var stalledUntil = Moment(nanoseconds: 0)
    private(set) var isUp = true
    private var connections: [Connection] = []

    init(_ world: World) { self.world = world }

    func open() -> Connection? {
        guard isUp else { return nil }
        let connection = Connection()
        connections.append(connection)
        return connection
    }

    func send(_ request: Request, on connection: Connection, _ done: @escaping (Reply) -> Void) {
        guard connection.isOpen else { return done(.none) }
        connection.waiting.append((request, done))
        connection.lastArrival = max(connection.lastArrival, world.now + world.latency())
        arrive(connection)
    }

    private func arrive(_ connection: Connection) {
        world.agenda.at(max(connection.lastArrival, stalledUntil)) { [self] in
            guard connection.isOpen, let next = connection.waiting.first else { return }
            if stalledUntil > world.now { return arrive(connection) }
            connection.waiting.removeFirst()
            let reply = carryOut(next.request)
            // The answer may be lost with the connection that carries it.
            connection.lastReply = max(connection.lastReply, world.now + world.latency())
            world.agenda.at(connection.lastReply) { connection.isOpen ? next.done(reply) : next.done(.none) }
        }
    }

    // MARK: Faults

    /// The connection ends. What is on its way is lost, or arrives when nobody expects it any more.
    func cut(_ connection: Connection?, lateness: Bool = true) {
        guard let connection, connection.isOpen else { return }
        connection.isOpen = false
        connections.removeAll { $0 === connection }
        // However late they arrive, they do so in their order.
        var arrival = world.now
        for (request, done) in connection.waiting {
            if lateness, world.chance.percent(50), case .write = request {
                arrival = max(arrival, world.now + world.chance.span(1_000, 3_000_000))
                world.agenda.at(arrival) { [self] in
                    world.trace.note(world.now, "redis", "a late duplicate arrives")
                    _ = carryOut(request)
                }
            }
            world.agenda.after(world.latency()) { done(.none) }
        }
        connection.waiting = []
        world.agenda.after(world.latency()) { connection.onLost() }
    }

    /// Lets go of everything.
    func end() {
        for connection in connections { (connection.onLost, connection.waiting) = ({}, []) }
        connections = []
    }

    func flush() {
        world.trace.note(world.now, "redis", "is emptied")
        data = Data()
        losses += 1
        world.redisLost(data.values)
    }

    func restart(withDump: Bool) {
        world.trace.note(world.now, "redis", withDump ? "restarts with an older dump" : "restarts empty")
        data = withDump ? dump : Data()
        run += 1
        losses += 1
        world.redisLost(data.values)
        for connection in connections { cut(connection, lateness: false) }
        isUp = false
        world.agenda.after(world.chance.span(10_000, 1_000_000)) { [self] in isUp = true }
    }

    func stall(_ length: Moment.Span) { stalledUntil = max(stalledUntil, world.now + length) }

    func saveDump() { dump = data }

    // MARK: Scripts

    private func carryOut(_ request: Request) -> Reply {
        switch request {
        case .raise(let token):
            if let held = data.fence, held > token { return .raised(nil) }
            defer { data.fence = token }
            return .raised(data.fence ?? "")
        case .watch: return .watched(fence: data.fence, word: data.word)
        case .scan(let region): return .keys(Site.keys(of: region).filter { data.values[$0] != nil })
        case .write(let write):
            if data.fence != write.token, !world.sabotage.breaks(.fence) {
                return data.fence.map { $0 > write.token } == true ? .fenced : .lost
            }
            for change in write.changes { apply(change) }
            world.readTogether(after: write.author)
            if let word = write.word { data.word = word }
            return .written
        }
    }

    private func apply(_ change: (key: Int, version: Int?, isValue: Bool)) {
        let version = change.version.map { "version \($0)" } ?? "deleted"
        world.trace.note(world.now, "redis", "key \(Site.names[change.key]): \(version), value: \(change.isValue)")
        if let version = change.version { world.written(change.key, version, isValue: change.isValue) }
        data.values[change.key] = change.isValue ? change.version : nil
    }
}
