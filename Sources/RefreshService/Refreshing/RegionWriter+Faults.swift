import Logging
import RefreshCore

/// Items of a batch that are not stored, and what is said of them.
extension RegionWriter {
    /// Pickles the answers; tells which items failed, those of before included, in order.
    func pickled(
        _ answers: Answers, of batch: Batch, besides faults: [(place: Int, fault: RefreshFault)]
    ) -> [(place: Int, fault: RefreshFault)] {
        var found: [(place: Int, fault: RefreshFault)] = []
        var former = faults[...]
        for place in batch.items.indices {
            if former.first?.place == place, let fault = former.popFirst() {
                found.append(fault)
            } else if let fault = answers.pickle(place) {
                found.append((place, fault))
                if case .refresh(let query) = batch.work { dispatcher.counters.failures[query.index] += 1 }
            }
        }
        return found
    }

    func tellOfUnfit(_ count: Int, _ plan: QueryPlan) {
        dispatcher.counters.unfit[plan.id.index] += UInt64(count)
        guard let skipped = unfitLog.admit(at: .now) else { return }
        logger.warning(
            "parameters dropped: Postgres does not take them for values of their types",
            metadata: [
                "query": "\(plan.query.name)", "types": "\(plan.types.map(\.name).joined(separator: ", "))",
                "dropped_before": "\(skipped)",
            ])
    }

    /// The faults of a batch, with those of values that are too large, which are told.
    func withTooLarge(
        _ batch: Batch, _ plan: QueryPlan, _ answers: Answers, _ faults: [(place: Int, fault: RefreshFault)]
    ) -> [(place: Int, fault: RefreshFault)] {
        let found = answers.faults()
        if found.isEmpty { return faults }
        dispatcher.counters.failures[plan.id.index] += UInt64(found.count)
        for (place, fault) in found {
            guard let skipped = tooLargeLog.admit(at: .now) else { continue }
            logger.tell(
                .valueTooLarge,
                [
                    "query": "\(plan.query.name)", "key": "\(batch.items[place].key)", "error": "\(fault.text)",
                    "not_logged_before": "\(skipped)",
                ])
        }
        return (faults + found).sorted { $0.place < $1.place }
    }
}
