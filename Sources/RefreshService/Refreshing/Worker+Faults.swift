import Logging
import Postgres
import RefreshCore

/// Statements that fail: whose fault it is, and what becomes of their keys.
extension Worker {
    /// Whether a batch failed because its one key's parameters are no values of their types; it is done with then.
    func isUnfit(_ batch: Batch, _ fault: PlanFault) async -> Bool {
        guard batch.items.count == 1, case .refresh(let query) = batch.work, case .server(let error) = fault,
            let plan = plans[query], await refuses(batch.items[0].parameters, plan, error.sqlState)
        else { return false }
        writer.store(batch, plan, Answers(items: 1, of: plan), unfit: [0])
        return true
    }

    /// False too when it can not be asked: the key is then parked.
    func refuses(_ values: Bytes, _ plan: QueryPlan, _ sqlState: String?) async -> Bool {
        guard let judge, ParameterJudge.mayJudge(sqlState) else { return false }
        return (try? await judge.refuses(values, plan, within: settings.current.answerTimeout)) ?? false
    }

    func failed(_ batch: Batch, _ fault: PlanFault) {
        let outcome = fault.outcome
        // Which of several queries it was is found out when each runs alone.
        guard case .refresh(let query) = batch.work else { return dispatcher.finish(batch, outcome) }
        dispatcher.counters.failures[query.index] += 1
        if case .broken = outcome {
            plans.forget(query)
        }
        let name = dispatcher.catalogue.queries[query.index]?.name.text ?? ""
        let isPoison = batch.items.count == 1
        switch outcome {
        case .failed where !isPoison: break
        case .failed, .timedOut, .broken:
            logger.tell(
                isPoison ? .keyParked : .queryFailed,
                [
                    "query": "\(name)", "keys": "\(batch.items.count)", "error": "\(fault)",
                    "key": isPoison ? "\(batch.items[0].key)" : "",
                ])
        case .stored, .interrupted: break
        }
        dispatcher.finish(batch, outcome)
    }
}
