import Reactor
import Redis
import RefreshCore

extension RegionWriter {
    /// Stores the answers of a batch whose keys change together: one call of a script, or nothing.
    func store(_ batch: Batch, _ parts: [TogetherPart]) {
        dispatcher.keeper.queue.answered(batch)
        let call = TogetherCall(
            requests: parts.map { part in
                let places = Array(part.places)
                return StoreRequest(
                    region: part.plan.region, keys: places.map { batch.items[$0].key },
                    fates: fates(of: batch, places, part.plan, part.answers).fates, answers: part.answers, messages: { _, _ in })
            })
        guard let connection = link.connection, connection.isOpen else { return dispatcher.finish(batch, .interrupted) }
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
