import RefreshCore

/// Batches: what is done with each key, by the answer to it.
extension RegionWriter {
    /// Stores the answers of a batch; `faults` names the items that failed, in order, `unfit` those whose parameters
    /// are no values of their types, so that they have no row.
    func store(
        _ batch: Batch, _ plan: QueryPlan, _ answers: Answers, faults: [(place: Int, fault: RefreshFault)] = [],
        unfit: Set<Int> = []
    ) {
        // Held once, and not for each key.
        let dispatcher = dispatcher
        dispatcher.keeper.queue.answered(batch)
        dispatcher.keeper.queue.measured(batch, keys: batch.items.count, bytes: answers.byteCount)
        let known = withTooLarge(batch, plan, answers, faults)
        let faults = plan.region.serializer == .pickle ? pickled(answers, of: batch, besides: known) : known
        if !unfit.isEmpty { tellOfUnfit(unfit.count, plan) }
        var failed = faults[...]
        var keys: [Bytes] = []
        var fates: [Fate] = []
        keys.reserveCapacity(batch.items.count)
        fates.reserveCapacity(batch.items.count)
        for place in batch.items.indices {
            keys.append(batch.items[place].key)
            if failed.first?.place == place {
                failed = failed.dropFirst()
                fates.append(.skip)
            } else if !unfit.isEmpty, unfit.contains(place) {
                fates.append(.delete)
            } else {
                fates.append(fate(of: batch, place, plan, answers, place))
            }
        }
        let request = StoreRequest(
            region: plan.region, keys: keys, fates: fates, answers: answers,
            messages: { [dispatcher] place, messages in dispatcher.announce(batch, place, into: &messages) })
        if dispatcher.sabotage.breaks(.acknowledge) {
            dispatcher.finish(batch, .stored(except: faults))
            return write(request) { _ in }
        }
        write(request, of: batch, except: faults)
    }

    /// Stores the answers for some items of a batch; nothing is done with the others.
    func store(_ batch: Batch, _ places: [Int], _ plan: QueryPlan, _ answers: Answers) {
        dispatcher.keeper.queue.measured(batch, keys: places.count, bytes: answers.byteCount)
        let (fates, faults) = fates(of: batch, places, plan, answers)
        let request = StoreRequest(
            region: plan.region, keys: places.map { batch.items[$0].key }, fates: fates, answers: answers,
            messages: { [dispatcher] place, messages in
                dispatcher.announce(batch, places[place], into: &messages)
            })
        write(request, of: batch, except: faults)
    }

    /// What is done with items of a batch, whose answers are in their order, and which of them failed.
    func fates(
        of batch: Batch, _ places: [Int], _ plan: QueryPlan, _ answers: Answers
    ) -> (fates: [Fate], faults: [(place: Int, fault: RefreshFault)]) {
        var faults: [(place: Int, fault: RefreshFault)] = []
        let fates = places.enumerated().map { answer, place in
            var fault = answers.fault(of: answer)
            if fault == nil, plan.region.serializer == .pickle { fault = answers.pickle(answer) }
            if let fault {
                faults.append((place, fault))
                return Fate.skip
            }
            return fate(of: batch, place, plan, answers, answer)
        }
        return (fates, faults)
    }

    /// What is done with the item at a place of a batch, whose answer is at a place of its own.
    @inline(__always)
    func fate(of batch: Batch, _ place: Int, _ plan: QueryPlan, _ answers: Answers, _ answer: Int) -> Fate {
        if !dispatcher.keeper.queue.mayStore(batch, place) { return .delete }
        if answers.isMissing(answer) { return plan.query.missing == .null ? .storeNull : .delete }
        return .store
    }

    /// Deletes the keys of a batch.
    func delete(_ batch: Batch) {
        guard let region = dispatcher.catalogue.regions[batch.region.index] else {
            return dispatcher.finish(batch, .stored(except: []))
        }
        guard region.locks != nil, let locks = dispatcher.locks else { return delete(batch, in: region) }
        locks.take(batch, region) { [self] in delete(batch, in: region) }
    }

    private func delete(_ batch: Batch, in region: Region) {
        let request = StoreRequest(
            region: region, keys: batch.items.map(\.key),
            fates: Array(repeating: .delete, count: batch.items.count), answers: nil,
            messages: { [dispatcher] place, messages in dispatcher.announce(batch, place, into: &messages) })
        write(request, of: batch, except: [])
    }

    /// Writes what is to be done with a batch, and has the queue know how it ended.
    private func write(_ request: StoreRequest, of batch: Batch, except faults: [(place: Int, fault: RefreshFault)]) {
        write(request) { [dispatcher] isStored in
            let contested = dispatcher.locks?.contested(batch) ?? .none
            dispatcher.finish(batch, isStored ? .stored(except: faults, contested: contested) : .interrupted)
        }
    }
}
