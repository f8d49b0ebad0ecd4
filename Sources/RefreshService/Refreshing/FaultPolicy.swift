import Postgres
import RefreshCore

/// Decides what a failed statement means for its batch.
enum FaultPolicy {
    /// - Faults that one key's parameters or rows may have caused halve the batch down to that key.
    /// - Faults of the statement itself pause the query: no key of it could be refreshed.
    /// - Faults of the connection or the moment leave the batch as it is.
    static func outcome(of fault: PlanFault) -> BatchOutcome {
        switch fault {
        case .text(let error): .broken(RefreshFault(sqlState: nil, text: "\(error)"))
        case .server(let error): outcome(of: error)
        }
    }

    /// Whether one key's parameters or rows may be behind a fault, and the others be well.
    static func mayBeOfOneKey(_ fault: PlanFault) -> Bool {
        switch outcome(of: fault) {
        case .failed, .timedOut: true
        case .stored, .interrupted, .broken: false
        }
    }

    private static func outcome(of error: PostgresError) -> BatchOutcome {
        let fault = RefreshFault(sqlState: error.sqlState, text: "\(error)")
        if error.sqlState == "57014" || error.code == .timedOut { return .timedOut(fault) }
        switch error.disposition {
        case .reconnect: return .interrupted
        // Repeated at once it might spin; the halves find out whether one key is behind it.
        case .retry: return .timedOut(fault)
        case .prepareAgain: return .broken(fault)
        case .configuration, .fatal: return .broken(fault)
        case .park: return isOfTheStatement(error.sqlState) ? .broken(fault) : .failed(fault)
        }
    }

    /// Classes of errors that do not depend on the values: syntax, names, rights, features, transaction state.
    private static func isOfTheStatement(_ state: String?) -> Bool {
        guard let state else { return false }
        return ["0A", "25", "42"].contains(state.prefix(2))
    }
}
