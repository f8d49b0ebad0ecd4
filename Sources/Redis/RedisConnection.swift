public import Reactor

/// One connection to a Redis server: commands out in order, replies back in the same order.
///
/// Commands are written into one output buffer. What a turn of the loop gathers leaves with one system call at its
/// end, or as soon as there is `flushThreshold` of it. The buffer has no bound of its own: who sends in bulk
/// awaits `room(below:)`. Every command's closure is called exactly once, with the reply or with the failure, and
/// never from inside the call that caused it. An idle connection wakes nobody.
@Loop
public final class RedisConnection {
    /// What a command's closure is: it borrows the reply, or the failure in its place, for the length of the call.
    public typealias ReplyClosure = @Loop (borrowing RedisReply) -> Void

    /// How many bytes are gathered before they are written without waiting for the end of the turn.
    public static let flushThreshold = 64 << 10

    /// The server's address, without credentials.
    public nonisolated let place: String
    /// Called once, when the connection has ended for whatever reason, `close` included.
    public var onClosed: (@Loop (RedisError) -> Void)?
    /// How long the server may take for the oldest outstanding command.
    public let replyTimeout: Duration

    var socket: RedisSocket?
    var source: DescriptorSource?
    var reader: ReplyReader
    var writer = CommandWriter()
    var pending = ReplyRing<ReplyClosure>()
    var flushIsDue = false
    /// Whether the kernel takes no more for now; then the descriptor is watched for room.
    var isBlocked = false
    /// Whether a write failed: the replies that still come are read, then the connection ends.
    var isHalfClosed = false
    var roomWaits: [RoomWait] = []
    private(set) var failure: RedisError?
    private var deadline: TimerSource?
    private var answersTaken = 0

    init(_ socket: consuming RedisSocket, _ reader: consuming ReplyReader, _ settings: RedisSettings) {
        self.socket = .some(socket)
        self.reader = reader
        self.place = settings.address.description
        self.replyTimeout = Self.sane(settings.replyTimeout)
        deadline = TimerSource { [weak self] in self?.deadlinePassed() }
    }

    isolated deinit { end(RedisError(.closed, at: place, inDoubt: true)) }

    /// Whether commands can be sent.
    public var isOpen: Bool { failure == nil }
    /// How many commands have no reply yet.
    public var outstandingReplies: Int { pending.count }
    /// How many bytes wait to be written.
    public var outputBytes: Int { writer.output.count }

    /// Ends the connection; every outstanding closure gets `closed`, in doubt.
    public func close() { end(RedisError(.closed, at: place, inDoubt: true)) }

    /// Ends the connection once; the closures are called a turn later, so that nobody is called from within a call.
    func end(_ error: RedisError) {
        if failure != nil { return }
        failure = error
        deadline?.cancel()
        source?.cancel()
        source = nil
        socket = nil
        writer.output.removeAll()
        let unanswered = pending.removeAll()
        let waits = roomWaits
        roomWaits = []
        let closed = onClosed
        onClosed = nil
        EventLoop.shared.perform {
            for wait in waits { wait.waiter.give(()) }
            for reply in unanswered { reply(RedisReply(failure: error)) }
            closed?(error)
        }
    }

    // MARK: Deadline

    /// Starts the deadline of the oldest outstanding command.
    func expectReply() { deadline?.arm(after: replyTimeout) }

    /// Answers show that the server works: the next one has its full time, counted from now.
    func answersCame(_ count: Int) {
        if count == 0 { return }
        answersTaken &+= count
        if pending.isEmpty { deadline?.disarm() } else { expectReply() }
    }

    private func deadlinePassed() {
        // When it was our loop that stood still, the answer is here already and only wants reading.
        let before = answersTaken
        receive()
        guard isOpen, !pending.isEmpty, answersTaken == before else { return }
        end(RedisError(.timedOut, at: place, inDoubt: true, "\(replyTimeout)"))
    }
}

/// A task that waits until fewer than `bound` bytes are to be written.
struct RoomWait {
    let bound: Int
    let waiter: Waiter<Void>
}
