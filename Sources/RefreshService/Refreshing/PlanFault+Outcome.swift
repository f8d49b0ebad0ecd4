import Postgres
import RefreshCore

extension PlanFault {
    /// What it means for the batch that met it.
    var outcome: BatchOutcome {
        switch self {
        case .text: .broken(fault)
        case .server(let error):
            BatchOutcome(
                of: fault, remedy: StatementRemedy(error.disposition), hasTimedOut: error.code == .timedOut)
        }
    }
}

extension StatementRemedy {
    init(_ disposition: Disposition) {
        switch disposition {
        case .reconnect: self = .reconnect
        case .retry: self = .retry
        case .prepareAgain: self = .prepareAgain
        case .configuration, .fatal: self = .configuration
        case .park: self = .park
        }
    }
}
