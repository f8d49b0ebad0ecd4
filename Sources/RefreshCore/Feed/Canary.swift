/// Decides whether notifications arrive, by nonces that are sent on one connection and are to be heard on another.
///
/// A pooler that answers LISTEN and forgets it, a connection that is half open and a server whose queue is stuck look
/// alike to who only waits: nothing comes. Only a notification that surely was sent, and does not come, tells them
/// from a quiet database. As long as any notification comes the feed is slow at worst: they arrive in order.
public struct Canary: Sendable {
    /// The instance whose nonces these are.
    public let instance: UInt64
    /// The last number given out.
    private var last: UInt64 = 0
    /// Nonces that the server has taken, and that this connection has not heard, oldest first.
    private var unheard: [(number: UInt64, taken: Moment)] = []
    /// The last number heard.
    private var lastHeard: UInt64 = 0
    /// When the last notification came, of any channel; before one has come, since when there is a connection.
    private var lastWord: Moment?
    /// Up to when nothing can have been lost: when the last nonce that was heard was given out.
    private var provenUntil: Moment?
    /// Nonces that have not gone through worker and Redis, oldest first.
    private var given: [(number: UInt64, at: Moment)] = []
    /// When the first was given out that has not come through; from the start until then, when it began.
    private var waitingSince: Moment

    /// Whether a nonce has come back since the connection was made.
    public private(set) var isProven = false

    /// How long the last nonce took that went through Postgres, worker and Redis; nil before the first.
    public private(set) var lastTrip: Moment.Span?

    /// When the nonce was given out that the server has neither taken nor refused.
    private var asked: Moment?

    /// How many nonces are followed at most; later ones are sent all the same.
    private static let followed = 128

    /// A canary of the instance, that knows nothing yet.
    public init(instance: UInt64, at now: Moment) {
        self.instance = instance
        waitingSince = now
    }

    // MARK: Sending

    /// The next nonce to send.
    public mutating func next(at now: Moment) -> Nonce {
        last += 1
        asked = now
        if given.isEmpty { waitingSince = now }
        if given.count < Self.followed { given.append((last, now)) }
        return Nonce(instance: instance, number: last)
    }

    /// The server has taken a nonce: who listens now is going to hear it.
    public mutating func taken(_ nonce: Nonce, at now: Moment) {
        asked = nil
        // It may have been heard before the connection that sent it had the server's answer.
        guard lastWord != nil, nonce.number > lastHeard, unheard.count < Self.followed else { return }
        unheard.append((nonce.number, now))
    }

    /// A nonce could not be sent: there is no session for it any more.
    public mutating func unsent() { asked = nil }

    // MARK: Hearing

    /// A connection listens to all channels: what was sent before it need not come.
    public mutating func listening(at now: Moment) {
        unheard = []
        lastWord = now
        isProven = false
    }

    /// The connection is gone.
    public mutating func deaf() {
        unheard = []
        lastWord = nil
        isProven = false
    }

    /// A notification has come.
    public mutating func word(at now: Moment) { lastWord = now }

    /// A nonce has come; tells whether it is the first of this instance's on this connection, which proves the feed.
    public mutating func heard(_ nonce: Nonce, at now: Moment) -> Bool {
        guard nonce.instance == instance, nonce.number <= last, lastWord != nil else { return false }
        lastWord = now
        // What was notified before it was given out has come; more is not known, for this may be late in hearing it.
        provenUntil = given.last { $0.number <= nonce.number }?.at ?? provenUntil
        lastHeard = max(lastHeard, nonce.number)
        unheard.removeAll { $0.number <= nonce.number }
        defer { isProven = true }
        return !isProven
    }

    /// A nonce has gone through worker and Redis.
    public mutating func stored(_ number: UInt64, at now: Moment) {
        guard let reached = given.last(where: { $0.number <= number }) else { return }
        lastTrip = now - reached.at
        given.removeAll { $0.number <= number }
        waitingSince = given.first?.at ?? now
    }

    // MARK: Asking

    /// Since when a nonce is missing, if it is overdue by `patience` and nothing else has come since.
    public func silence(at now: Moment, patience: Moment.Span) -> Moment? {
        guard let lastWord, let first = unheard.first else { return nil }
        let since = max(first.taken, lastWord)
        return now - since >= patience ? since : nil
    }

    /// For how long the server has not answered whether it takes the nonce that is sent; nil when none is under way.
    public func unanswered(at now: Moment) -> Moment.Span? { asked.map { now - $0 } }

    /// Up to when everything that was notified is known to have come; nil when nothing is known.
    public var completeUntil: Moment? { provenUntil }

    /// For how long no nonce has gone the whole way, beyond the one under way.
    public func age(at now: Moment) -> Moment.Span {
        given.isEmpty ? Moment.Span(nanoseconds: 0) : now - waitingSince
    }

}
