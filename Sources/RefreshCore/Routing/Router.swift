/// Decides what a notification asks for.
///
/// A payload only ever selects among registered queries and fills their parameters. It is taken whole or not at
/// all: when one rule finds no fitting value, no rule of the channel is applied.
///
/// It has one owner and is never copied: who asks something of it does not hold its lists meanwhile.
public struct Router: ~Copyable, Sendable {
    /// One thing that a notification asks for.
    public enum Decision: Sendable, Equatable {
        case refresh(QueryID, key: Bytes, parameters: Bytes)
        case invalidate(RegionID, key: Bytes)
        case invalidateAll(RegionID)
        /// Every key of the region may be wrong.
        case resync(RegionID)
    }

    let plans: [RoutingPlan?]
    /// The queries that make keys, by region.
    private let makers: [[RoutingPlan.Maker]]
    /// The types of each query's parameters, by query; empty until the server has told them.
    private var types: [[ParameterType]]
    /// How values of each query's first parameter are spelled, by query.
    private var firstRules: [SpellingRule]
    /// The values of the event being routed, by source.
    private var values: [Field] = []
    /// The parameters, and the key or all parameters, of the decision that is being made.
    private var parameters: [Bytes] = []
    private var text: [UInt8] = []

    /// Compiles the rules of every channel.
    public init(_ catalogue: Catalogue) {
        plans = catalogue.channels.map { channel in channel.map { RoutingPlan($0, in: catalogue) } }
        makers = catalogue.regions.indices.map { RoutingPlan.makers(in: RegionID($0), catalogue) }
        types = Array(repeating: [], count: catalogue.queries.count)
        firstRules = Array(repeating: .plain, count: catalogue.queries.count)
    }

    /// Learns the types of a query's parameters; until then any text fits.
    public mutating func learn(_ found: [ParameterType], of query: QueryID) {
        types[query.index] = found
        firstRules[query.index] = found.first?.spellingRule ?? .plain
    }

    /// Whether the channel is registered.
    public func knows(_ channel: ChannelID) -> Bool { plans[channel.index] != nil }

    /// Whether what an event of the channel refreshes changes together.
    public func together(_ channel: ChannelID) -> Bool { plans[channel.index]?.together ?? false }

    /// The sources that a channel's rules read, each once; empty when its payloads need not be read.
    public func sources(of channel: ChannelID) -> [ParameterSource] { plans[channel.index]?.sources ?? [] }

    /// The query to refresh on a channel that has one rule, by which its payload is the key; nil on any other.
    public func direct(_ channel: ChannelID) -> QueryID? { plans[channel.index]?.direct?.query }

    /// The key, and the one parameter, that a payload names on such a channel.
    public func key(_ channel: ChannelID, _ payload: Bytes) throws(PayloadFault) -> Bytes {
        guard let rule = plans[channel.index]?.direct else { return payload }
        let spelling = firstRules[rule.query.index]
        if payload.withSpan({ spelling.canonical($0) == .asIs }) { return payload }
        return try spelled(payload, 0, of: rule)
    }

    /// Appends what the event asks for, in the order of the rules, to `decisions`; nothing when it does not fit.
    ///
    /// `find` reads the value at a place in `sources(of:)`; it is called once for each. With `passingNull` a rule that
    /// finds a null is left out and the others apply: so events tell rows of which a column is NULL.
    public mutating func route(
        _ channel: ChannelID, into decisions: inout [Decision], passingNull: Bool = false, find: (Int) -> Field
    ) throws(PayloadFault) {
        guard let plan = plans[channel.index] else { return }
        values.removeAll(keepingCapacity: true)
        for place in plan.sources.indices { values.append(find(place)) }
        let before = decisions.count
        do throws(PayloadFault) {
            for rule in plan.refreshes {
                if passingNull, hasNull(rule.places) { continue }
                decisions.append(try refresh(rule, plan.format))
            }
            for region in plan.resyncs { decisions.append(.resync(region)) }
            for rule in plan.invalidations {
                if passingNull, hasNull(rule.places) { continue }
                decisions.append(try invalidation(rule, plan.format))
            }
        } catch {
            decisions.removeSubrange(before...)
            throw error
        }
    }

    /// The query that makes a key of a region, and its parameters; nil when none does, or when more than one set of
    /// parameters might.
    ///
    /// Before `learn`, any text fits a parameter.
    public func maker(of key: Bytes, in region: RegionID) -> (query: QueryID, parameters: Bytes)? {
        guard region.index < makers.count else { return nil }
        let bytes = key.array
        for maker in makers[region.index] {
            guard case .one(let values) = maker.key.match(bytes) else { continue }
            let parameters = maker.order.parameterValues(values)
            let fits = zip(parameters, types[maker.query.index]).allSatisfy { value, type in
                value.withSpan { type.canonical($0) } == .asIs
            }
            if fits { return (maker.query, Bytes(joining: parameters)) }
        }
        return nil
    }

    /// A key as the query spells it that could have made it: `007` is `7` where the parameter is an integer.
    public func canonical(_ key: Bytes, in region: RegionID) -> Bytes {
        region.index < makers.count ? canonical(key, makers[region.index]) : key
    }

    private func hasNull(_ places: [Int]) -> Bool { places.contains { values[$0] == .null } }

    private mutating func refresh(
        _ rule: RoutingPlan.Refresh, _ format: PayloadFormat
    ) throws(PayloadFault) -> Decision {
        if rule.isPlain {
            let value = try canonical(rule, 0, format)
            return .refresh(rule.query, key: value, parameters: value)
        }
        parameters.removeAll(keepingCapacity: true)
        for place in rule.places.indices { parameters.append(try canonical(rule, place, format)) }
        text.removeAll(keepingCapacity: true)
        rule.key.append(keyOf: parameters, order: rule.order, to: &text)
        var key = unsafe text.withUnsafeBytes { unsafe Bytes(copying: $0) }
        if let mangler = rule.mangler { key = mangler.mangled(key) }
        text.removeAll(keepingCapacity: true)
        Bytes.join(parameters, into: &text)
        return .refresh(
            rule.query, key: key, parameters: unsafe text.withUnsafeBytes { unsafe Bytes(copying: $0) })
    }

    private func canonical(
        _ rule: RoutingPlan.Refresh, _ place: Int, _ format: PayloadFormat
    ) throws(PayloadFault) -> Bytes {
        switch values[rule.places[place]] {
        case .value(let found): return try spelled(found, place, of: rule)
        case .container(let found) where type(place, of: rule).takesJSON: return try spelled(found, place, of: rule)
        case let other: throw PayloadFault(problem: Self.problem(of: other, format), parameter: rule.names[place])
        }
    }

    private func type(_ place: Int, of rule: RoutingPlan.Refresh) -> ParameterType {
        let known = types[rule.query.index]
        return place < known.count ? known[place] : .other("text")
    }

    /// A value as the type of the parameter spells it.
    private func spelled(_ value: Bytes, _ place: Int, of rule: RoutingPlan.Refresh) throws(PayloadFault) -> Bytes {
        let type = type(place, of: rule)
        switch value.withSpan({ type.canonical($0) }) {
        case .asIs: return value
        case .changed(let spelling): return spelling
        case .refused: throw PayloadFault(problem: .unfit(type: type.name), parameter: rule.names[place])
        }
    }

    private func invalidation(
        _ rule: RoutingPlan.Invalidation, _ format: PayloadFormat
    ) throws(PayloadFault) -> Decision {
        guard let template = rule.key else { return .invalidateAll(rule.region) }
        var found: [Bytes] = []
        for (index, place) in rule.places.enumerated() {
            guard case .value(let value) = values[place] else {
                throw PayloadFault(problem: Self.problem(of: values[place], format), parameter: template.names[index])
            }
            found.append(value)
        }
        let key = canonical(template.key(found), rule.makers)
        return .invalidate(rule.region, key: rule.mangler?.mangled(key) ?? key)
    }

    /// The key as the first query spells it that could have made it: `007` is `7` where the parameter is an integer.
    private func canonical(_ key: Bytes, _ makers: [RoutingPlan.Maker]) -> Bytes {
        for maker in makers {
            guard case .one(let values) = maker.key.match(key.array) else { continue }
            let types = self.types[maker.query.index]
            guard types.count == values.count, !values.isEmpty else { continue }
            var spelled: [Bytes] = []
            for (type, value) in zip(types, maker.order.parameterValues(values)) {
                switch value.withSpan({ type.canonical($0) }) {
                case .asIs: spelled.append(value)
                case .changed(let other): spelled.append(other)
                case .refused: break
                }
            }
            guard spelled.count == values.count else { continue }
            return maker.key.key(maker.order.templateValues(spelled))
        }
        return key
    }

    private static func problem(of field: Field, _ format: PayloadFormat) -> PayloadFault.Problem {
        switch field {
        case .value, .absent: .absent
        case .container: .container
        case .null: .null
        case .malformed: .malformed(format)
        }
    }
}

extension ParameterType {
    /// Whether an object or array of the payload can be a value of it.
    fileprivate var takesJSON: Bool { self == .other("json") || self == .other("jsonb") }
}
