import FuzzSupport

@testable import RefreshCore
@testable import RefreshService

/// A payload selects among what its channel registered and fills parameters; it does nothing else.
@main enum PayloadRouterTarget {
    static func main() {
        let catalogue = Catalogue(Shop.registry)
        guard let reader = JSONReader(longest: 1 << 16) else { return expect(false, "there is no memory") }
        let unlearned = Routing(catalogue, isTyped: false)
        let learned = Routing(catalogue, isTyped: true)
        fuzz { input in
            var choices = Choices(input)
            let isTyped = choices.number(below: 2) == 1
            let channel = ChannelID(choices.number(below: catalogue.channels.count))
            let payload = Bytes(choices.text)
            let routing = isTyped ? learned : unlearned
            let outcome = routing.route(payload, of: channel)
            check(outcome, of: channel, in: catalogue, isTyped: isTyped)
            // What the reader met before makes no difference.
            _ = routing.route(Bytes("{\"id\":1}"), of: ChannelID(0))
            expect(routing.route(payload, of: channel) == outcome, "a payload is routed otherwise the second time")
            envelope(payload, outcome, by: reader)
            return .worthKeeping
        }
    }

    private static func check(_ outcome: Outcome, of id: ChannelID, in catalogue: Catalogue, isTyped: Bool) {
        switch outcome {
        case .failure(let fault):
            expect(!fault.description.contains("\n"), "a fault is not one line")
        case .success(let decisions):
            guard let channel = catalogue.channels[id.index] else { return expect(false, "a channel is missing") }
            expect(decisions.count == channel.refresh.count + channel.invalidate.count, "a rule was left out")
            for (decision, rule) in zip(decisions, channel.refresh) {
                refresh(decision, rule, in: catalogue, isTyped: isTyped)
            }
            for (decision, rule) in zip(decisions.dropFirst(channel.refresh.count), channel.invalidate) {
                invalidation(decision, rule, in: catalogue)
            }
        }
    }

    private static func refresh(
        _ decision: Router.Decision, _ rule: RefreshRule, in catalogue: Catalogue, isTyped: Bool
    ) {
        guard case .refresh(let id, let key, let parameters) = decision, let query = catalogue.queries[id.index],
            let order = ParameterOrder(of: query.parameters, in: query.key)
        else { return expect(false, "a rule that refreshes does something else") }
        expect(query.name == rule.query, "another query is refreshed than the rule names")
        owned(key, by: query.region, in: catalogue)
        let count = query.parameters.count
        expect(parameters.array.count { $0 == 0 } == max(0, count - 1), "a parameter holds a NUL")
        var values: [Bytes] = []
        parameters.forEachParameter(of: count) { _, part in values.append(Bytes(part.indices.map { part[$0] })) }
        expect(query.key.key(order.templateValues(values)) == key, "a key is not that of its parameters")
        guard isTyped, let types = Shop.types[query.name.text] else { return }
        for (type, value) in zip(types, values) {
            let text = value.array
            expect(type.canonical(text.span) == .asIs, "a parameter is not spelled as its type spells it")
        }
    }

    private static func invalidation(_ decision: Router.Decision, _ rule: InvalidateRule, in catalogue: Catalogue) {
        switch decision {
        case .refresh, .resync: expect(false, "a rule that deletes runs a query")
        case .invalidate(let region, let key):
            expect(catalogue.region(rule.region) == region && rule.key != nil, "a rule deletes elsewhere")
            owned(key, by: rule.region, in: catalogue)
        case .invalidateAll(let region):
            expect(catalogue.region(rule.region) == region && rule.key == nil, "a whole region is deleted unasked")
        }
    }

    private static func owned(_ key: Bytes, by name: RegionName, in catalogue: Catalogue) {
        guard let region = catalogue.registry.regions.first(where: { $0.name == name }) else {
            return expect(false, "there is no such region")
        }
        let owner = catalogue.owner(of: Array(region.prefix.utf8) + key.array)
        expect(owner == catalogue.region(name), "a key lies in another region")
    }

    /// The envelope around any payload is JSON that holds the payload as text.
    private static func envelope(_ payload: Bytes, _ outcome: Outcome, by reader: JSONReader) {
        var key = ""
        if case .success(let decisions) = outcome, case .refresh(_, let first, _)? = decisions.first {
            key = first.description
        }
        let text = Envelope.text(channel: "c", payload: payload, key: key, sequence: 1, epoch: "e", time: 0)
        expect(text.withUnsafeBytes { reader.open($0) }, "an envelope is no JSON")
        for (name, expected) in [("payload", payload.description), ("epoch", "e")] {
            let found = reader.find(JSONPath([name])) { kind, bytes in
                kind == .string && bytes.elementsEqual(expected.utf8)
            }
            expect(found, "an envelope holds another \(name)")
        }
    }
}
