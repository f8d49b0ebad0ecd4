import Testing

@testable import RefreshCore

@Suite struct KeyManglerTests {
    // The test vectors of RFC 3174 and RFC 1321.
    @Test(
        arguments: [
            ("abc", "a9993e364706816aba3e25717850c26c9cd0d89d"),
            (
                "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq", "84983e441c3bd26ebaae4aa1f95129e5e54670f1"
            ),
            (String(repeating: "01234567", count: 80), "dea356a2cddd90c7a7ecedc5ebb563934f460452"),
            ("", "da39a3ee5e6b4b0d3255bfef95601890afd80709"),
        ]) func sha1(message: String, digest: String)
    {
        #expect(KeyMangler(.sha1).mangled(Bytes(message)).description == digest)
    }

    @Test(
        arguments: [
            ("", "d41d8cd98f00b204e9800998ecf8427e"), ("a", "0cc175b9c0f1b6a831c399e269772661"),
            ("message digest", "f96b697d7cb7938d525a2f31aaf161d0"),
            (
                "12345678901234567890123456789012345678901234567890123456789012345678901234567890",
                "57edf4a22be3c955ac49da2e2107b67a"
            ),
        ]) func md5(message: String, digest: String)
    {
        #expect(KeyMangler(.md5).mangled(Bytes(message)).description == digest)
    }

    @Test func countsCharactersAsPythonDoes() {
        let mangler = KeyMangler(.md5, from: 3)
        #expect(mangler.mangled(Bytes("é☃")) == Bytes("é☃"))
        #expect(mangler.mangled(Bytes("é☃😀")).count == 32)
        #expect(mangler.mangled(Bytes("ab")) == Bytes("ab"))
        #expect(mangler.mangled(Bytes("abc")).count == 32)
    }

    @Test func aRegionWithoutPrefixOwnsDigestsAlone() {
        let region = Region(
            name: RegionName("r"), prefix: "", ttlMilliseconds: nil, format: .dogpile, mangler: KeyMangler(.sha1),
            onGap: .delete)
        #expect(region.mayOwn(region.name(of: Bytes("item 1")).array))
        for other in ["", "item 1", String(repeating: "A", count: 40), String(repeating: "a", count: 41)] {
            #expect(!region.mayOwn(other.utf8))
        }
    }

    @Test func routesToMangledKeys() throws {
        let registry = Registry(
            regions: [
                Region(
                    name: RegionName("r"), prefix: "r:", ttlMilliseconds: nil, format: .dogpile,
                    mangler: KeyMangler(.md5), onGap: .delete)
            ],
            queries: [Shop.query("q", "r", "{id}", ["id"])],
            channels: [
                Channel(
                    name: ChannelName("c"), payload: .text,
                    refresh: [RefreshRule(query: QueryName("q"), sources: [.payload])],
                    invalidate: [], publish: []),
                Channel(
                    name: ChannelName("d"), payload: .text, refresh: [],
                    invalidate: [
                        InvalidateRule(region: RegionName("r"), key: try KeyTemplate("{id}"), sources: [.payload])
                    ],
                    publish: []),
            ])
        var router = Router(Catalogue(registry))
        router.learn([ParameterType(name: "int4")], of: QueryID(0))
        let noRuleIsDirect = router.direct(ChannelID(0)) == nil
        #expect(noRuleIsDirect)
        var decisions: [Router.Decision] = []
        try router.route(ChannelID(0), into: &decisions) { _ in .value(Bytes("007")) }
        try router.route(ChannelID(1), into: &decisions) { _ in .value(Bytes("007")) }
        let name = Bytes("8f14e45fceea167a5a36dedd4bea2543")
        #expect(
            decisions == [
                .refresh(QueryID(0), key: name, parameters: Bytes("7")), .invalidate(RegionID(0), key: name),
            ])
    }

    @Test func aQueryUnderAnotherManglerIsAnotherQuery() {
        func catalogue(_ mangler: KeyMangler?, after former: Catalogue? = nil) -> Catalogue {
            let region = Region(
                name: RegionName("r"), prefix: "r:", ttlMilliseconds: nil, format: .dogpile, mangler: mangler,
                onGap: .delete)
            return Catalogue(
                Registry(regions: [region], queries: [Shop.query("q", "r", "{id}", ["id"])], channels: []),
                after: former)
        }
        let plain = catalogue(nil)
        #expect(catalogue(nil, after: plain).query(QueryName("q")) == QueryID(0))
        #expect(catalogue(KeyMangler(.md5), after: plain).query(QueryName("q")) == QueryID(1))
    }
}
