import RefreshCore
import Testing

@Suite struct CatalogueTests {
    private func registry(
        regions: [Region], queries: [Query] = [], channels: [String] = []
    ) -> Registry {
        Registry(
            regions: regions, queries: queries,
            channels: channels.map {
                Channel(name: ChannelName($0), payload: .text, refresh: [], invalidate: [], publish: [])
            })
    }

    private let items = Shop.region("items", "i:")
    private let pages = Shop.region("pages", "p:")

    @Test func aNameKeepsItsNumberAcrossReloads() throws {
        let item = Shop.query("item", "items", "{id}", ["id"])
        let page = Shop.query("page", "pages", "{slug}", ["slug"])
        let first = Catalogue(registry(regions: [items, pages], queries: [item, page], channels: ["a", "b"]))
        let second = Catalogue(registry(regions: [pages], queries: [page], channels: ["c", "b"]), after: first)
        let third = Catalogue(
            registry(regions: [pages, items], queries: [page, item], channels: ["b", "a"]), after: second)
        for catalogue in [first, third] {
            #expect(catalogue.region(items.name) == RegionID(0) && catalogue.region(pages.name) == RegionID(1))
            #expect(catalogue.query(item.name) == QueryID(0) && catalogue.query(page.name) == QueryID(1))
            #expect(catalogue.channel(ChannelName("a")) == ChannelID(0))
            #expect(catalogue.regionOfQuery == [RegionID(0), RegionID(1)])
        }
        #expect(second.region(items.name) == nil && second.regions[0] == nil)
        #expect(second.query(item.name) == nil && second.queries[0] == nil)
        #expect(second.channel(ChannelName("a")) == nil && second.channels[0] == nil)
        #expect(second.channel(ChannelName("c")) == ChannelID(2))
        #expect(second.regionOfQuery == [RegionID(0), RegionID(1)])
        #expect(second.queriesOfRegion == [[], [QueryID(1)]])
        #expect(third.channels[2] == nil)
    }

    @Test func aQueryOfOtherKeysIsAnotherQuery() {
        let first = Catalogue(
            registry(regions: [items, pages], queries: [Shop.query("q", "items", "{id}", ["id"])]))
        let others = [
            Shop.query("q", "items", "x{id}", ["id"]), Shop.query("q", "pages", "{id}", ["id"]),
            Shop.query("q", "items", "{id}:{b}", ["id", "b"]), Shop.query("q", "items", "{id}:{b}", ["b", "id"]),
        ]
        var former = first
        for (index, query) in others.enumerated() {
            former = Catalogue(registry(regions: [items, pages], queries: [query]), after: former)
            #expect(former.query(query.name) == QueryID(index + 1))
            #expect(former.queries.count(where: { $0 != nil }) == 1)
        }
        let back = Catalogue(first.registry, after: former)
        #expect(back.query(QueryName("q")) == QueryID(0))
        #expect(back.regionOfQuery[2] == RegionID(1), "what still runs has its region")
    }

    @Test func otherTextOfTheSameQueryKeepsItsNumber() {
        let first = Catalogue(registry(regions: [items], queries: [Shop.query("q", "items", "{id}", ["id"])]))
        let changed = Query(
            name: QueryName("q"), region: items.name, key: first.registry.queries[0].key, parameters: ["id"],
            sql: "SELECT 2", result: .scalar, missing: .null, warm: "SELECT 1")
        let second = Catalogue(registry(regions: [items], queries: [changed]), after: first)
        #expect(second.query(QueryName("q")) == QueryID(0))
        #expect(second.queries == [changed])
    }

    @Test func theOwnerOfAKeyHasTheLongestPrefix() {
        let regions = [Shop.region("all", "shop:"), Shop.region("items", "shop:items:"), Shop.region("x", "x")]
        let catalogue = Catalogue(registry(regions: regions))
        #expect(catalogue.owner(of: "shop:items:7".utf8) == RegionID(1))
        #expect(catalogue.owner(of: "shop:items:".utf8) == RegionID(1))
        #expect(catalogue.owner(of: "shop:items".utf8) == RegionID(0))
        #expect(catalogue.owner(of: Array("xylophone".utf8)) == RegionID(2))
        #expect(catalogue.owner(of: "sho".utf8) == nil)
        #expect(catalogue.owner(of: "".utf8) == nil)
        let fewer = Catalogue(registry(regions: [regions[0]]), after: catalogue)
        #expect(fewer.owner(of: "shop:items:7".utf8) == RegionID(0))
        #expect(fewer.owner(of: "x".utf8) == nil)
        let whole = Catalogue(registry(regions: [Shop.region("whole", "")]))
        #expect(whole.owner(of: "".utf8) == RegionID(0))
    }

    @Test func queriesOfARegionComeWithTheMostLiteralTemplateFirst() {
        let queries = [
            Shop.query("any", "items", "{id}", ["id"]), Shop.query("named", "items", "row:{id}", ["id"]),
            Shop.query("front", "items", "f", []),
        ]
        let catalogue = Catalogue(registry(regions: [items], queries: queries))
        #expect(catalogue.queriesOfRegion == [[QueryID(2), QueryID(1), QueryID(0)]])
    }

    @Test func namesThatOnlyLookEqualAreTwo() {
        let catalogue = Catalogue(registry(regions: [], channels: ["caf\u{e9}", "cafe\u{301}"]))
        #expect(catalogue.channels.count == 2)
        #expect(catalogue.channel(ChannelName("cafe\u{301}")) == ChannelID(1))
        #expect(RegionName("\u{e9}") != RegionName("e\u{301}") && QueryName("\u{e9}") != QueryName("e\u{301}"))
    }
}
