import NIOCore
import Synchronization

/// The daemon's one chance to answer one request.
///
/// It reports exactly once to the connection's loop: with the first answer given, or with nil when it is dropped unanswered.
/// Usable from any thread.
final class PendingAnswer: Sendable {
    private let gate: LoopGate
    private let report: @Sendable (HealthResponse?) -> Void
    private let isSettled = Atomic<Bool>(false)

    /// `report` is run on the loop behind the gate.
    init(gate: LoopGate, report: @escaping @Sendable (HealthResponse?) -> Void) {
        self.gate = gate
        self.report = report
    }

    deinit { settle(nil) }

    func answer(_ response: HealthResponse) {
        settle(response)
    }

    private func settle(_ response: HealthResponse?) {
        guard !isSettled.exchange(true, ordering: .acquiringAndReleasing) else { return }
        gate.enqueue { [report] in report(response) }
    }
}
