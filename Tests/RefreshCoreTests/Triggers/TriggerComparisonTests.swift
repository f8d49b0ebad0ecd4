import RefreshCore
import Testing

@Suite struct TriggerComparisonTests {
    private static let site = TriggerSite(service: "shop", blockSize: 8_192, timeZone: "UTC")

    private static func table(
        _ name: String, in schema: String = "public", members: Int = 1, type: String = "int4", watched: [String]? = nil,
        channel: String = "changed"
    ) -> TriggerTable {
        let own = TableName(schema: schema, name: name)
        return TriggerTable(
            name: own, members: [own] + (1..<members).map { TableName(schema: schema, name: "\(name)_\($0)") },
            key: [KeyColumn(name: "id", type: type)], watched: watched, channel: channel)
    }

    private func compare(
        _ tables: [TriggerTable], _ functions: [TriggerFunction] = [], _ triggers: [Trigger] = []
    ) -> TriggerComparison {
        TriggerComparison(tables, at: Self.site, foundFunctions: functions, foundTriggers: triggers)
    }

    private func lines(_ comparison: TriggerComparison) -> [String] {
        comparison.differences.map { "\($0.kind) \($0.object)\($0.table.map { " on \($0)" } ?? "")" }
    }

    @Test func whatWasMadeDiffersInNothing() {
        let tables = [Self.table("items", members: 2), Self.table("orders")]
        let fresh = compare(tables)
        #expect(fresh.functions.count == 2 && fresh.triggers.count == 12 && fresh.differences.count == 14)
        #expect(fresh.differences.allSatisfy { $0.kind == .missing })
        let again = compare(tables, fresh.functions, fresh.triggers.reversed())
        #expect(again.differences == [] && again.mending == "" && again.script == fresh.mending)
    }

    @Test func eachDifferenceIsMendedAlone() {
        let tables = [Self.table("items", members: 2)]
        let made = compare(tables)
        var triggers = made.triggers
        triggers.removeFirst()
        #expect(lines(compare(tables, made.functions, triggers)) == ["missing trigger on public.items"])
        let other = compare([Self.table("items", members: 2, watched: ["name"])])
        #expect(lines(compare(tables, other.functions, made.triggers)) == ["changed function"])
        let wider = compare([Self.table("items", members: 3)])
        #expect(
            lines(compare(tables, wider.functions, wider.triggers))
                == Array(repeating: "extra trigger on public.items_2", count: 4))
        #expect(compare(tables, wider.functions, wider.triggers).mending.hasPrefix("DROP TRIGGER \"rekindle_items_"))
        let gone = compare([], made.functions, made.triggers)
        #expect(lines(gone) == ["extra function"], "its triggers go with it")
        #expect(gone.mending.hasSuffix("\"() CASCADE;"))
    }

    @Test func namesFitAndAreTheirOwn() {
        let long = String(repeating: "é", count: 31)
        let tables = [
            Self.table(long), Self.table(long + "x"), Self.table(long, in: "other"), Self.table("a"), Self.table("A"),
            Self.table("a", in: "other"), Self.table("ÀÉ"), Self.table("we\"ird.T'able\\ \n"),
        ]
        let made = compare(tables)
        #expect(Set(made.functions.map(\.name)).count == tables.count)
        #expect(made.triggers.allSatisfy { $0.name.utf8.count <= 63 && $0.name.hasPrefix("rekindle_") })
        #expect(made.functions.last?.name.name.hasPrefix("rekindle_we_ird_t_able____") == true)
        // Another instance's are others; another channel's the same.
        let second = TriggerSite(service: "second", blockSize: 8_192, timeZone: "UTC")
        let others = TriggerComparison(tables, at: second, foundFunctions: [], foundTriggers: [])
        #expect(Set(others.functions.map(\.name)).isDisjoint(with: made.functions.map(\.name)))
        #expect(compare([Self.table("a", channel: "other")]).functions[0].name == made.functions[3].name)
    }

    @Test(arguments: [(8_192, 7_999), (4_096, 3_903), (32_768, 7_999)])
    func aPayloadIsAsLongAsTheServerAndTheDaemonTake(blockSize: Int, bytes: Int) {
        let site = TriggerSite(service: "s", blockSize: blockSize, timeZone: "UTC")
        #expect(site.payloadBytes == bytes)
        #expect(TriggerFunction(Self.table("t"), at: site).body.contains("octet_length(one) > \(bytes - 2) OR"))
    }

    @Test func aFunctionHasTheSettingsThatItsKeyDependsOn() {
        func settings(_ type: String) -> [String] {
            TriggerFunction(Self.table("t", type: type), at: Self.site).settings
        }
        let path = "search_path=pg_catalog, pg_temp"
        #expect(settings("int8") == [path] && settings("text") == [path] && settings("jsonb") == [path])
        #expect(settings("float8") == [path, "extra_float_digits=1"])
        #expect(
            settings("timestamptz") == [
                path, "DateStyle=ISO, YMD", "IntervalStyle=postgres", "TimeZone=UTC", "bytea_output=hex",
                "extra_float_digits=1",
            ])
        #expect(settings("") == settings("timestamptz"), "of a type that is not Postgres' own nothing is known")
    }

    @Test func anEventIsFoundByItsTypeAndRows() {
        for event in TriggerEvent.allCases {
            let found = TriggerQuestions.event(type: event.type, oldRows: event.oldRows, newRows: event.newRows)
            #expect(found == event)
        }
        #expect(TriggerQuestions.event(type: 0, oldRows: nil, newRows: nil) == nil)
        #expect(TriggerQuestions.event(type: 16, oldRows: "rekindle_old", newRows: nil) == nil)
    }
}
