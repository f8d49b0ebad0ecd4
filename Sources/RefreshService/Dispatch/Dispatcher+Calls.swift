import RefreshCore

/// What clients wait for.
extension Dispatcher {
    /// Asks for something by an event that is given to `ask`, and calls `then` once that is done or can not be.
    ///
    /// Gives the number by which the client hangs up.
    @discardableResult
    func call(_ ask: (EventID) -> Void, then: @escaping () -> Void) -> UInt64 {
        lastCall += 1
        let number = lastCall
        guard let event = keeper.queue.begin(Event(purpose: .call(number), payload: .empty, sequence: 0, seen: .now))
        else { return number }
        callEnds[number] = then
        ask(event)
        keeper.queue.seal(event)
        settleSoon()
        return number
    }

    /// The client waits no longer; what it asked for is done all the same.
    func hangUp(_ number: UInt64) { callEnds[number] = nil }

    /// Calls `then` once all that is asked for now is done or can not be, in these regions or in all.
    func awaitAll(in regions: Set<RegionID>?, then: @escaping () -> Void) {
        var isNoted = true
        call({ event in isNoted = keeper.awaitAll(event, in: regions, at: .now) }) { [unowned self] in
            // Too many keys to note them all: once there are fewer, all that was missed is among them, or done.
            if isNoted { then() } else { laterCalls.append { [unowned self] in awaitAll(in: regions, then: then) } }
        }
    }

    /// A key of a region as it is stored: mangled, where the region mangles its keys.
    func stored(_ key: Bytes, in region: RegionID) -> Bytes {
        catalogue.regions[region.index]?.name(of: key) ?? key
    }

    /// A resolver's batch has found what its items mean: each key is asked for, and the batch is done.
    func resolved(_ batch: Batch, _ found: [[[Bytes]]], by plan: QueryPlan) {
        guard let name = plan.query.target, let target = catalogue.query(name),
            let query = catalogue.queries[target.index],
            let order = ParameterOrder(of: query.parameters, in: query.key)
        else { return finish(batch, .stored(except: [])) }
        let region = catalogue.regionOfQuery[target.index]
        for place in found.indices {
            let keys = found[place].map { parameters in
                (
                    key: stored(query.key.key(order.templateValues(parameters)), in: region),
                    parameters: Bytes(joining: parameters)
                )
            }
            keeper.queue.resolved(batch, place, to: keys, of: target, at: .now)
        }
        finish(batch, .stored(except: []))
    }

    /// Looks again at what was too much to note.
    func takeLaterCalls() {
        guard !laterCalls.isEmpty, keeper.queue.keyCount <= RegionKeeper.mostAwaited else { return }
        let calls = laterCalls
        laterCalls = []
        for call in calls { call() }
    }
}
