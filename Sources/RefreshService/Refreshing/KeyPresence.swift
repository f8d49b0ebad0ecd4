import Reactor
import Redis
import RefreshCore

/// Tells which keys are in the cache.
@Loop
final class KeyPresence {
    private let side: SideLink

    private static let script = """
        local found = {}
        for i = 1, #KEYS do found[i] = redis.call('EXISTS', KEYS[i]) end
        return found
        """

    init(_ side: SideLink) { self.side = side }

    /// Whether each key of a batch is there; nil when Redis could not be asked.
    func present(_ batch: Batch, prefix: String) async -> [Bool]? {
        let waiter = Waiter<[Bool]?>()
        let keys = batch.items.map { Array(prefix.utf8) + $0.key.array }
        side.ask(arguments: [Array("EVAL".utf8), Array(Self.script.utf8), Array("\(keys.count)".utf8)] + keys) {
            answer in
            let found = answer?.elements?.map { $0.integer == 1 }
            waiter.give(found?.count == keys.count ? found : nil)
        }
        return (try? await waiter.wait()) ?? nil
    }
}
