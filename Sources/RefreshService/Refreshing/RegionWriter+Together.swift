import Reactor
import Redis
import RefreshCore

extension RegionWriter {
    /// Stores the answers of a batch whose keys change together: one call of a script, or nothing.
    func store(_ batch: Batch, _ parts: [TogetherPart]) {
        dispatcher.keeper.queue.answered(batch)
        var requests: [StoreRequest] = []
        for part in parts {
            let places = Array(part.places)
            let (fates, faults) = fates(of: batch, places, part.plan, part.answers)
            // The keys are refreshed one by one, and that which can not be stored is parked.
            if let fault = faults.first?.fault { return dispatcher.finish(batch, .failed(fault)) }
            requests.append(
                StoreRequest(
                    region: part.plan.region, keys: places.map { batch.items[$0].key }, fates: fates,
                    answers: part.answers, messages: { _, _ in }))
        }
        guard let connection = link.connection, connection.isOpen else { return dispatcher.finish(batch, .interrupted) }
        let call = TogetherCall(requests: requests)
        let token = link.token
        send(bytes: call.bytes) { [fence] ended in
            connection.send(arguments: call.wordCount, { call.write(fence: fence, token: token, to: &$0) }) { reply in
                ended(WriteEnding(reply), connection === self.link.connection)
            }
            connection.flush()
        } then: { [dispatcher] isStored in
            dispatcher.finish(batch, isStored ? .stored(except: []) : .interrupted)
        }
    }
}
