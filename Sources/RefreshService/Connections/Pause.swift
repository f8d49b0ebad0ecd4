import Reactor
import RefreshCore

extension Moment {
    /// Now, on the loop's clock.
    static var now: Moment { Moment(nanoseconds: EventLoop.now) }
}

extension Duration {
    init(_ span: Moment.Span) { self = .nanoseconds(span.nanoseconds) }
}

extension Moment.Span {
    init(_ duration: Duration) { self.init(nanoseconds: duration.nanoseconds) }
}

extension Backoff {
    /// From a tenth of a second to ten, for connections.
    static var connecting: Backoff { Backoff(first: .milliseconds(100), cap: .seconds(10)) }

    /// From one second to sixty, for sessions that hear nothing: each new one costs a resync of every region.
    static var deaf: Backoff { Backoff(first: .seconds(1), cap: .seconds(60)) }

    /// Waits as long as one more failure asks for; throws when the task is cancelled.
    @Loop
    mutating func pause() async throws(WaitError) {
        try await Loop.sleep(for: Duration(next(random: .random(in: .min ... .max))))
    }
}
