import RefreshCore

/// One simulated daemon: the core's values, and a shell that performs what they decide, as the real one does.
final class Instance {
    let world: World
    let number: Int
    /// Which life of the process this is: what was asked for in a former one comes to nothing.
    private(set) var life = 0
    private(set) var isRunning = false
    /// The process is stopped by a signal; what arrives waits.
    private var isFrozen = false
    private var delayed: [(life: Int, body: () -> Void)] = []

    var keeper: RegionKeeper
    var canary: Canary
    var fence = FenceRecord()

    // What the shell holds.
    var listener: SimulatedPostgres.Session?
    var lease: SimulatedPostgres.Session?
    var link: SimulatedRedis.Connection?
    var ownsLease = false
    var isWritable = false
    var workers: [WorkerSlot] = []
    var heardWrites = 0
    var isSettling = false
    var wakeAt: Moment?
    var pass: RunningPass?
    var passNumber: UInt64 = 0
    var backoffs = [Backoff](repeating: Backoff(first: .milliseconds(100), cap: .seconds(10)), count: 3)
    var inFlight: Set<Int> = []
    /// The events of this owner that are not done yet, by the number of their commit.
    var messages: [Int: Message] = [:]
    /// Keys that change together may be seen apart.
    var isApart = true
    /// Commits that this owner has not heard of yet, and the gaps that it has answered.
    private(set) var expected: [Int: Moment] = [:]
    var answered: [Gap] = []

    static let heartbeat = Moment.Span.seconds(1)

    init(_ world: World, number: Int) {
        self.world = world
        self.number = number
        keeper = Self.freshKeeper(world, 0)
        canary = Canary(instance: 0, at: world.now)
    }

    private static func freshKeeper(_ world: World, _ seed: UInt64) -> RegionKeeper {
        var limits = RefreshQueue.Limits(bytes: world.scenario.queueBytes, workers: 2)
        limits.batchKeys = 4
        return RegionKeeper(Site.catalogue, limits: limits, seed: seed, sabotage: world.sabotage, at: world.now)
    }

    // MARK: What is owed

    /// A commit has notified; who comes to own later answers for it by its takeover.
    func expect(_ number: Int) {
        if isRunning, keeper.role == .owner, keeper.hasWarmed { expected[number] = world.now }
    }

    func heard(_ number: Int) { expected[number] = nil }

    func owesNothing() { expected = [:] }

    // MARK: Life

    func start() {
        guard !isRunning else { return }
        life += 1
        isRunning = true
        isFrozen = false
        delayed = []
        note("starts")
        let seed = world.chance.next()
        keeper = Self.freshKeeper(world, seed)
        canary = Canary(instance: seed, at: world.now)
        fence = FenceRecord()
        ownsLease = false
        isWritable = false
        isSettling = false
        wakeAt = nil
        pass = nil
        heardWrites = 0
        inFlight = []
        messages = [:]
        isApart = true
        expected = [:]
        answered = []
        for index in backoffs.indices { backoffs[index].reset() }
        workers = (0..<2).map { WorkerSlot(number: $0) }
        connectListener()
        connectLease()
        connectRedis()
        for worker in workers { connect(worker) }
        beat()
    }

    func kill() {
        guard isRunning else { return }
        note("is killed")
        isRunning = false
        for session in [listener, lease] + workers.map(\.session) { world.postgres.close(session) }
        listener = nil
        lease = nil
        if let link {
            link.onLost = {}
            world.redis.cut(link)
        }
        link = nil
    }

    /// Lets go of everything.
    func end() {
        delayed = []
        (listener, lease, link, pass) = (nil, nil, nil, nil)
        workers = []
    }

    func freeze() {
        note("stands still")
        isFrozen = true
    }

    func thaw() {
        guard isFrozen else { return }
        note("goes on")
        isFrozen = false
        let waiting = delayed
        delayed = []
        for item in waiting { enter(item.life, item.body) }
    }

    /// Does something in this process, if it still is the one that waits for it, and once it is not stopped.
    func enter(_ life: Int, _ body: @escaping () -> Void) {
        guard isRunning, life == self.life else { return }
        if isFrozen { return delayed.append((life, body)) }
        body()
        check()
    }

    /// Does something in this process a while from now.
    func after(_ delay: Moment.Span, _ body: @escaping () -> Void) {
        let life = life
        world.agenda.after(delay) { [unowned self] in enter(life, body) }
    }

    /// What the world calls when something comes for this process.
    func entry(_ body: @escaping () -> Void) -> () -> Void {
        let life = life
        return { [unowned self] in enter(life, body) }
    }

    func note(_ text: @autoclosure () -> String) { world.trace.note(world.now, "daemon \(number)", text()) }

    /// Waits as long as one more failure of a kind asks for.
    func retry(_ kind: Int, _ body: @escaping () -> Void) {
        after(backoffs[kind].next(random: world.chance.next()), body)
    }

    /// What must hold after every step.
    private func check() {
        let limit = world.scenario.queueBytes
        // An entry more than the bound, what a pass remembers, and the events of passes: also of those that are over,
        // and of which each holds a message at least until keys are stored that it has left out.
        let slack = 256 + 70 * Site.keys + 4 * 320 + 160 * messages.count
        if keeper.queue.bytes > limit + slack {
            world.fail(.bounded, "the queue of daemon \(number) holds \(keeper.queue.bytes) bytes of \(limit)")
        }
        if keeper.marks.bytes > limit {
            world.fail(.bounded, "the marks of daemon \(number) hold \(keeper.marks.bytes) bytes of \(limit)")
        }
    }
}

/// A worker's session, and whether it runs something.
final class WorkerSlot {
    let number: Int
    var session: SimulatedPostgres.Session?
    var batch: Batch?
    /// What was sent behind it.
    var behind: Batch?

    init(number: Int) { self.number = number }
}

/// How far the pass is that runs.
final class RunningPass {
    let region: RegionID
    let kind: RegionPasses.Kind
    let number: UInt64
    var isSuperseded = false

    init(region: RegionID, kind: RegionPasses.Kind, number: UInt64) {
        self.region = region
        self.kind = kind
        self.number = number
    }
}
