import RefreshCore
import Testing

@Suite struct RouterTests {
    private static let registry = Registry(
        regions: [Shop.region("items", "i:"), Shop.region("pages", "p:")],
        queries: [
            Shop.query("item", "items", "{id}", ["id"]), Shop.query("front", "items", "front", []),
            Shop.query("pair", "items", "{kind}:{id}", ["id", "kind"]),
        ],
        channels: [
            channel("one", [rule("item", ["id"])]),
            channel("pair", [rule("pair", ["id", "kind"]), rule("item", ["id"])]),
            channel(
                "all", [rule("item", ["id"]), rule("front", [])],
                [("items", "{a}-{b}", ["kind", "id"]), ("pages", nil, [])]),
            channel("any", [rule("front", [])]),
            channel("gone", [], [("items", "{key}", ["id"])]),
            Channel(
                name: ChannelName("csv"), payload: .csv,
                refresh: [RefreshRule(query: QueryName("item"), sources: [.field(2)])], invalidate: [], publish: []),
            Channel(
                name: ChannelName("text"), payload: .text,
                refresh: [RefreshRule(query: QueryName("item"), sources: [.payload])], invalidate: [], publish: []),
            channel("twin", [rule("pair", ["\u{e9}", "e\u{301}"])]),
        ])

    private static func rule(_ query: String, _ paths: [String]) -> RefreshRule {
        RefreshRule(query: QueryName(query), sources: paths.map { .json([$0]) })
    }

    private static func channel(
        _ name: String, _ refresh: [RefreshRule], _ invalidate: [(String, String?, [String])] = []
    ) -> Channel {
        Channel(
            name: ChannelName(name), payload: .json, refresh: refresh,
            invalidate: invalidate.map { region, key, paths in
                InvalidateRule(
                    region: RegionName(region), key: key.flatMap { try? KeyTemplate($0) },
                    sources: paths.map { .json([$0]) })
            }, publish: [])
    }

    private let catalogue = Catalogue(registry)
    private let item = QueryID(0)
    private let front = QueryID(1)
    private let pair = QueryID(2)

    /// Routes a payload that holds `fields`, by name; fields that are not there are absent.
    private func route(
        _ channel: String, _ fields: [String: Field], types: [(QueryID, [ParameterType])] = []
    ) throws -> [Router.Decision] {
        var router = Router(catalogue)
        for (query, found) in types { router.learn(found, of: query) }
        let id = try #require(catalogue.channel(ChannelName(channel)))
        let sources = router.sources(of: id)
        var decisions: [Router.Decision] = [.invalidateAll(RegionID(9))]
        do {
            try router.route(id, into: &decisions) { place in
                switch sources[place] {
                case .json(let path): fields[path[0]] ?? .absent
                case .field(let index): fields["\(index)"] ?? .absent
                case .payload: fields["payload"] ?? .absent
                }
            }
        } catch {
            #expect(decisions == [.invalidateAll(RegionID(9))], "a payload is taken whole or not at all")
            throw error
        }
        #expect(decisions.first == .invalidateAll(RegionID(9)))
        return Array(decisions.dropFirst())
    }

    /// Expects a payload to be refused.
    private func refuses(
        _ channel: String, _ fields: [String: Field], _ problem: PayloadFault.Problem, _ parameter: String,
        types: [(QueryID, [ParameterType])] = [], at place: SourceLocation = #_sourceLocation
    ) {
        let fault = #expect(throws: PayloadFault.self, sourceLocation: place) {
            try route(channel, fields, types: types)
        }
        #expect(fault?.problem == problem && fault?.parameter == parameter, sourceLocation: place)
    }

    private func value(_ text: String) -> Field { .value(Bytes(text)) }

    private func refresh(_ query: QueryID, _ key: String, _ parameters: [String]) -> Router.Decision {
        .refresh(query, key: Bytes(key), parameters: Bytes(joining: parameters.map { Bytes($0) }))
    }

    @Test func aPlainKeyIsTheParameterItself() throws {
        check(try route("one", ["id": value("7")]) == [refresh(item, "7", ["7"])])
        check(try route("text", ["payload": value("a b")]) == [refresh(item, "a b", ["a b"])])
        check(try route("csv", ["2": value("x")]) == [refresh(item, "x", ["x"])])
        check(try route("one", ["id": value("")]) == [refresh(item, "", [""])])
    }

    @Test func equalIntegersMakeOneKeyOnceTheTypeIsKnown() throws {
        check(try route("one", ["id": value("007")]) == [refresh(item, "007", ["007"])])
        for text in ["7", "007", "+7"] {
            check(try route("one", ["id": value(text)], types: [(item, [.int4])]) == [refresh(item, "7", ["7"])])
        }
    }

    @Test(arguments: ["", " 7", "7.0", "1e3", "x", "2147483648", "7; DROP TABLE items"])
    func whatIsNoIntegerIsRefused(text: String) {
        refuses("one", ["id": value(text)], .unfit(type: "int4"), "id", types: [(item, [.int4])])
    }

    @Test func aZeroByteIsRefusedForItEndsParameters() {
        refuses("pair", ["id": value("1"), "kind": value("a\0b")], .unfit(type: "text"), "kind")
    }

    @Test(arguments: [
        (Field.absent, PayloadFault.Problem.absent), (.null, .null), (.container(Bytes("{}")), .container),
        (.malformed, .malformed(.json)),
    ])
    func whatIsNoValueIsRefusedWithItsParameter(field: Field, problem: PayloadFault.Problem) {
        refuses("one", ["id": field], problem, "id")
        refuses("pair", ["id": value("1"), "kind": field], problem, "kind")
        refuses("all", ["id": value("1"), "kind": field], problem, "a")
    }

    @Test func aContainerFitsAJSONParameterOnly() throws {
        let field = Field.container(Bytes("[1]"))
        check(try route("one", ["id": field], types: [(item, [.other("jsonb")])]) == [refresh(item, "[1]", ["[1]"])])
        #expect(throws: PayloadFault.self) { try route("one", ["id": field], types: [(item, [.textLike("text")])]) }
    }

    @Test func theTemplateMayNameParametersInAnotherOrder() throws {
        let fields = ["id": value("07"), "kind": value("shoe")]
        check(
            try route("pair", fields, types: [(pair, [.int8, .textLike("text")]), (item, [.int4])])
                == [refresh(pair, "shoe:7", ["7", "shoe"]), refresh(item, "7", ["7"])])
    }

    @Test func allRulesApplyInOrderOrNone() throws {
        check(
            try route("all", ["id": value("1"), "kind": value("k")]) == [
                refresh(item, "1", ["1"]), refresh(front, "front", []), .invalidate(RegionID(0), key: Bytes("k-1")),
                .invalidateAll(RegionID(1)),
            ])
        #expect(throws: PayloadFault.self) { try route("all", ["id": value("1")]) }
    }

    @Test func eachSourceIsReadOnceAndOnlyWhenARuleNeedsIt() throws {
        let router = Router(catalogue)
        func sources(_ name: String) throws -> [ParameterSource] {
            router.sources(of: try #require(catalogue.channel(ChannelName(name))))
        }
        check(try sources("pair") == [.json(["id"]), .json(["kind"])])
        check(try sources("all") == [.json(["id"]), .json(["kind"])])
        check(try sources("any").isEmpty)
        check(try route("any", [:]) == [refresh(front, "front", [])])
    }

    @Test func namesThatOnlyLookEqualAreTwoSources() throws {
        let twin = try #require(catalogue.channel(ChannelName("twin")))
        var router = Router(catalogue)
        var decisions: [Router.Decision] = []
        #expect(router.sources(of: twin).count == 2)
        try router.route(twin, into: &decisions) { .value(Bytes("\($0)")) }
        #expect(decisions == [refresh(pair, "1:0", ["0", "1"])])
    }

    @Test func aChannelThatIsGoneAsksForNothing() throws {
        let later = Catalogue(
            Registry(regions: Self.registry.regions, queries: Self.registry.queries, channels: []), after: catalogue)
        var router = Router(later)
        var decisions: [Router.Decision] = []
        let one = try #require(catalogue.channel(ChannelName("one")))
        try router.route(one, into: &decisions) { _ in .malformed }
        #expect(decisions.isEmpty && router.sources(of: one).isEmpty)
    }

    @Test func anInvalidationSpellsItsKeyAsTheRefreshDoes() throws {
        let types: [(QueryID, [ParameterType])] = [(item, [.int4]), (pair, [.int4, .textLike("text")])]
        for (spelled, key) in [("007", "7"), ("7", "7"), ("a:007", "a:7"), ("word", "word"), ("front", "front")] {
            let decisions = try route("gone", ["id": .value(Bytes(spelled))], types: types)
            #expect(decisions == [.invalidate(RegionID(0), key: Bytes(key))])
        }
    }

    @Test func tellsTheQueryAndParametersOfAKey() {
        var router = Router(Catalogue(Self.registry))
        let items = RegionID(0)
        func maker(_ key: String) -> String? {
            router.maker(of: Bytes(key), in: items).map { "\($0.query.index) \($0.parameters)" }
        }
        check(maker("7") == "0 7")
        check(maker("front") == "1 ")
        check(maker("a:7") == "2 7\0a")
        router.learn([.int4], of: QueryID(0))
        check(maker("7") == "0 7")
        check(maker("07") == nil, "no event makes this key")
        check(router.canonical(Bytes("07"), in: items) == Bytes("7"))
        check(router.canonical(Bytes("front"), in: items) == Bytes("front"))
        check(router.maker(of: Bytes("x"), in: RegionID(1)) == nil)
        check(router.maker(of: Bytes("x"), in: RegionID(9)) == nil)
    }

    // MARK: What a payload stands for

    private func extent(_ channel: String, _ payload: String) throws -> PayloadExtent {
        Router(catalogue).extent(of: Bytes(payload), on: try #require(catalogue.channel(ChannelName(channel))))
    }

    @Test func anArrayIsAnEventForEachElementAndTheMarkerAWholeTable() throws {
        for channel in ["one", "all", "any", "gone"] {
            #expect(try extent(channel, "[{\"id\":1}]") == .events)
            #expect(try extent(channel, "[") == .events)
            #expect(try extent(channel, "\"*\"") == .wholeTable)
            for payload in ["", "{\"id\":[1]}", " [1]", "\"*", "\"**\"", "*", "\"", "7"] {
                #expect(try extent(channel, payload) == .event, "\(payload)")
            }
        }
    }

    /// A row with a NULL in one of its key's columns still has the keys of the others.
    @Test func inAnElementANullLeavesOutItsRulesOnly() throws {
        func decisions(_ channel: String, _ fields: [String: Field]) throws -> [Router.Decision] {
            var router = Router(catalogue)
            let id = try #require(catalogue.channel(ChannelName(channel)))
            let sources = router.sources(of: id)
            var decisions: [Router.Decision] = []
            try router.route(id, into: &decisions, passingNull: true) { place in
                if case .json(let path) = sources[place] { fields[path[0]] ?? .absent } else { .absent }
            }
            return decisions
        }
        #expect(try decisions("pair", ["id": value("1"), "kind": .null]) == [refresh(item, "1", ["1"])])
        #expect(try decisions("pair", ["id": .null, "kind": value("1")]) == [])
        #expect(
            try decisions("all", ["id": value("1"), "kind": .null]) == [
                refresh(item, "1", ["1"]), refresh(front, "front", []), .invalidateAll(RegionID(1)),
            ])
        #expect(throws: PayloadFault.self) { try decisions("pair", ["id": value("1")]) }
        #expect(throws: PayloadFault.self) { try decisions("pair", ["id": .container(Bytes("[]")), "kind": .null]) }
    }

    @Test(arguments: ["csv", "text"]) func otherFormatsKnowNeither(channel: String) throws {
        #expect(try extent(channel, "[1]") == .event && extent(channel, "\"*\"") == .event)
    }

    @Test func whoIndexesTheRootTakesAnArrayForOneEvent() throws {
        let channels = [["0", "id"], ["17"], ["0x"], ["id", "0"]].map { path in
            Channel(
                name: ChannelName(path.joined(separator: ".")), payload: .json,
                refresh: [RefreshRule(query: QueryName("item"), sources: [.json(path)])], invalidate: [], publish: [])
        }
        let catalogue = Catalogue(
            Registry(regions: Self.registry.regions, queries: Self.registry.queries, channels: channels))
        let router = Router(catalogue)
        let extents = channels.indices.map { router.extent(of: Bytes("[1]"), on: ChannelID($0)) }
        #expect(extents == [.event, .event, .events, .events])
        #expect(router.extent(of: Bytes("\"*\""), on: ChannelID(0)) == .wholeTable)
    }

    @Test func aWholeTableEmptiesThenPassesOverThenRefreshesWhatHasNoParameters() throws {
        func decisions(_ name: String) throws -> [Router.Decision] {
            var decisions: [Router.Decision] = []
            Router(catalogue).routeWholeTable(
                try #require(catalogue.channel(ChannelName(name))), into: &decisions)
            return decisions
        }
        #expect(try decisions("one") == [.resync(RegionID(0))])
        #expect(try decisions("pair") == [.resync(RegionID(0))], "a region is passed over once")
        #expect(try decisions("any") == [refresh(front, "front", [])])
        #expect(try decisions("gone") == [.invalidateAll(RegionID(0))])
        #expect(
            try decisions("all") == [
                .invalidateAll(RegionID(0)), .invalidateAll(RegionID(1)), .resync(RegionID(0)),
                refresh(front, "front", []),
            ])
    }
}
