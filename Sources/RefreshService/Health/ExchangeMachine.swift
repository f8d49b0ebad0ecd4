/// One connection's exchanges: requests in, answers out, one at a time, a deadline for every stage.
///
/// A pure value: events go in as calls, what is to be done comes out. The one who drives it arms the deadline of `stage`
/// whenever that changes, so that a stage's deadline is absolute.
struct ExchangeMachine {
    enum Stage: Equatable {
        case idle, receiving, asking, writing, following, lingering, closed
    }

    enum Action: Equatable {
        case nothing
        /// Ask the daemon; its answer comes back with the number.
        case ask(HealthRequest, number: Int)
        /// Send the answer, then report `written()`.
        case write(Answer)
        /// Send the head of the answer; what is followed comes behind it, until `ended()`.
        case follow(Answer, Following)
        /// End an answer that had no length, then report `written()`.
        case finish
        /// The exchange is complete: the next request may come.
        case next
        /// End the sending side and wait for the client to notice.
        case linger
        case close
    }

    /// An answer and how it goes out.
    struct Answer: Equatable {
        let response: HealthResponse
        var allow: String?
        let closes: Bool
        let withBody: Bool
    }

    private enum AfterWriting { case next, linger, close }

    private(set) var stage = Stage.idle

    /// Exchanges completed.
    private(set) var exchanges = 0

    private let bodyLimit: Int
    private let bytesLimit: Int
    private let usualLimit: Duration
    /// From the request's end to the daemon's answer.
    private(set) var answerLimit: Duration
    private var verdict: RequestCheck.Verdict?
    private var keepsAlive = true
    private var isHead = false
    private var bodyBytes = 0
    private var bytes = 0
    private var number = 0
    private var afterWriting = AfterWriting.next

    init(limits: HealthLimits) {
        bodyLimit = limits.bodyBytes
        // Room for a request at its limits and one read beyond it.
        bytesLimit = limits.headerBytes + limits.bodyBytes + 2 * 8_192
        usualLimit = limits.answer
        answerLimit = limits.answer
    }

    /// Bytes came, before anything is known about them.
    mutating func bytesArrived(_ count: Int) -> Action {
        guard stage != .lingering, stage != .closed else { return .nothing }
        if stage == .idle { stage = .receiving }
        bytes += count
        return bytes > bytesLimit ? close() : .nothing
    }

    /// A request's head is complete.
    mutating func head(_ verdict: RequestCheck.Verdict, keepsAlive: Bool, isHead: Bool) -> Action {
        guard stage == .idle || stage == .receiving else { return .nothing }
        stage = .receiving
        self.verdict = verdict
        self.keepsAlive = self.keepsAlive && keepsAlive
        self.isHead = isHead
        bodyBytes = 0
        guard case .cut(let response) = verdict else { return .nothing }
        return cut(response)
    }

    /// A part of the request's body came.
    mutating func body(_ count: Int, tooLarge: @autoclosure () -> HealthResponse) -> Action {
        guard stage == .receiving else { return .nothing }
        bodyBytes += count
        return bodyBytes > bodyLimit ? cut(tooLarge()) : .nothing
    }

    /// The request is complete.
    mutating func end() -> Action {
        guard stage == .receiving, let verdict else { return .nothing }
        switch verdict {
        case .ask(let request, let limit):
            answerLimit = limit ?? usualLimit
            stage = .asking
            // Who has asked to follow has a place of its own for that, and keeps none for questions.
            if request.isFollowing { keepsAlive = false }
            number += 1
            return .ask(request, number: number)
        case .refuse(let response, let allow):
            return write(response, allow: allow)
        case .cut(let response):
            return cut(response)
        }
    }

    /// The daemon answered the request of that number; nil when it dropped the request.
    mutating func answered(_ response: HealthResponse?, number: Int) -> Action {
        guard stage == .asking, number == self.number else { return .nothing }
        if let response, let following = response.following, !isHead {
            stage = .following
            keepsAlive = false
            return .follow(Answer(response: response, closes: true, withBody: true), following)
        }
        return write(response ?? HealthResponse(status: 503, text: "the daemon dropped the request"))
    }

    /// The request can not even be asked.
    mutating func unavailable(_ text: String) -> Action {
        guard stage == .asking else { return .nothing }
        return write(HealthResponse(status: 503, text: text))
    }

    /// What came is no HTTP.
    mutating func malformed(status: Int, _ text: String) -> Action {
        guard stage == .idle || stage == .receiving else { return .nothing }
        return cut(HealthResponse(status: status, text: text))
    }

    /// The answer left this process.
    mutating func written() -> Action {
        guard stage == .writing else { return .nothing }
        switch afterWriting {
        case .next:
            stage = .idle
            exchanges += 1
            bytes = 0
            verdict = nil
            return .next
        case .linger:
            stage = .lingering
            return .linger
        case .close:
            return close()
        }
    }

    /// There is nothing more to follow.
    mutating func ended() -> Action {
        guard stage == .following else { return .nothing }
        stage = .writing
        afterWriting = .close
        return .finish
    }

    /// The client will send nothing more; an answer it waits for still goes out.
    mutating func inputClosed() -> Action {
        keepsAlive = false
        switch stage {
        case .idle, .receiving, .following, .lingering: return close()
        case .asking, .closed: return .nothing
        case .writing:
            if afterWriting != .linger { afterWriting = .close }
            return .nothing
        }
    }

    /// The stage lasted as long as it may.
    mutating func deadlinePassed() -> Action {
        guard stage == .asking else { return close() }
        return write(HealthResponse(status: 503, text: "the event loop has not answered for \(answerLimit.inWords)"))
    }

    /// The server stops: what can not be finished at once ends.
    mutating func stopping() -> Action {
        keepsAlive = false
        switch stage {
        case .idle, .receiving, .following, .lingering: return close()
        case .closed: return .nothing
        case .asking: return write(HealthResponse(status: 503, text: "the daemon is stopping"))
        case .writing:
            if afterWriting == .next { afterWriting = .close }
            return .nothing
        }
    }

    /// Ends the connection whatever it is doing.
    mutating func close() -> Action {
        guard stage != .closed else { return .nothing }
        stage = .closed
        return .close
    }

    // The rest of the request is not read, and closing on unread bytes would take the answer back: so it lingers.
    private mutating func cut(_ response: HealthResponse) -> Action {
        keepsAlive = false
        let action = write(response)
        afterWriting = .linger
        return action
    }

    private mutating func write(_ response: HealthResponse, allow: String? = nil) -> Action {
        stage = .writing
        afterWriting = keepsAlive ? .next : .close
        return .write(Answer(response: response, allow: allow, closes: !keepsAlive, withBody: !isHead))
    }
}
