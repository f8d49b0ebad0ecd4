import Reactor
import RefreshCore

/// Refreshes behind stale values: one for however many readers find a value stale.
@Loop
final class Renewals {
    /// A refresh that was asked for by a reader.
    @Loop
    final class Renewal {
        fileprivate let wanted: CacheKey
        /// Readers who looked before it was done, and may have been told of the value that it replaced.
        fileprivate var looks = 0
        fileprivate var isDone = false

        fileprivate init(_ wanted: CacheKey) { self.wanted = wanted }
    }

    private let dispatcher: Dispatcher
    private var underway: [CacheKey: Renewal] = [:]
    /// More are not noted; who finds a value stale then is given it all the same.
    private static let most = 16_384

    init(_ dispatcher: Dispatcher) { self.dispatcher = dispatcher }

    /// A reader looks into Redis; gives the renewal whose former value it may yet find there.
    func lookBegins(_ wanted: CacheKey) -> Renewal? {
        guard let renewal = underway[wanted], !renewal.isDone else { return nil }
        renewal.looks += 1
        return renewal
    }

    /// A reader has looked.
    func lookEnds(_ renewal: Renewal?) {
        renewal?.looks -= 1
        forget(renewal)
    }

    /// A value was found stale: it is refreshed, unless that is under way.
    func renew(_ wanted: CacheKey) {
        guard dispatcher.keeper.role == .owner, underway[wanted] == nil, underway.count < Self.most,
            !dispatcher.keeper.queue.holds(wanted.key, in: wanted.region),
            let maker = dispatcher.router.maker(of: wanted.key, in: wanted.region)
        else { return }
        let renewal = Renewal(wanted)
        underway[wanted] = renewal
        dispatcher.call { event in
            dispatcher.keeper.queue.refresh(
                maker.query, key: wanted.key, parameters: maker.parameters, event: event, at: .now)
        } then: { [weak self] in
            renewal.isDone = true
            self?.forget(renewal)
        }
    }

    private func forget(_ renewal: Renewal?) {
        guard let renewal, renewal.isDone, renewal.looks == 0, underway[renewal.wanted] === renewal else { return }
        underway[renewal.wanted] = nil
    }
}
