import FuzzSupport

@testable import RefreshCore
@testable import RefreshService

/// What a payload asks for, or why it does not fit.
typealias Outcome = Result<[Router.Decision], PayloadFault>

/// A reader and a router that learned the shop, as the daemon joins them.
final class Routing {
    private var router: Router
    private let reader: PayloadReader

    init(_ catalogue: Catalogue, isTyped: Bool) {
        router = Router(catalogue)
        guard let reader = PayloadReader() else { fatalError("there is no memory for a reader") }
        self.reader = reader
        reader.learn(catalogue, router)
        guard isTyped else { return }
        for query in catalogue.registry.queries {
            guard let id = catalogue.query(query.name), let types = Shop.types[query.name.text] else { continue }
            router.learn(types, of: id)
        }
    }

    func route(_ payload: Bytes, of channel: ChannelID) -> Outcome {
        var decisions: [Router.Decision] = []
        let sources = router.sources(of: channel)
        do throws(PayloadFault) {
            if !sources.isEmpty { reader.open(payload, of: channel) }
            try router.route(channel, into: &decisions) { reader.find(sources[$0], at: $0) }
            return .success(decisions)
        } catch {
            expect(decisions.isEmpty, "a payload that does not fit asks for something")
            return .failure(error)
        }
    }
}
