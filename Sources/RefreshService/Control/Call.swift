import Reactor
import RefreshCore

/// A client that waits: answered once, at the latest when its time is over.
@Loop
final class Call {
    /// Names it among those that wait.
    let number: UInt64
    /// When it came.
    let began = Moment.now
    private var answer: ((HealthResponse) -> Void)?
    private var timer: TimerSource?

    init(_ number: UInt64, _ answer: @escaping (HealthResponse) -> Void) {
        self.number = number
        self.answer = answer
    }

    /// Whether it was answered.
    var isOver: Bool { answer == nil }

    /// How long it has waited.
    var seconds: Double { (Moment.now - began).seconds }

    /// Calls `late` when so much time has passed and it was not answered.
    func expect(within limit: Duration, late: @escaping @Loop () -> Void) {
        let timer = TimerSource(late)
        timer.arm(after: limit)
        self.timer = timer
    }

    /// Answers; later answers are left out.
    func end(_ response: HealthResponse) {
        timer?.disarm()
        timer = nil
        answer?(response)
        answer = nil
    }
}
