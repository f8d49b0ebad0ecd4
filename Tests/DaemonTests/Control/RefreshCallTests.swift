import RefreshService
import TestDaemon
import Testing

/// `rekindle refresh`, `invalidate` and `warm`: done when they return.
struct RefreshCallTests {
    @Test func refreshesKeysAndRegionsBeforeItReturns() throws {
        let site = try ControlShop.site()
        let daemon = try site.daemon(ControlShop.body)
        // Nobody notifies of these.
        try site.sql("UPDATE items SET name = 'other' WHERE id IN (1, 2, 3)")
        let one = try Command.rekindle("refresh", "--socket", daemon.socketPath, "items", "item:1", "shop:item:02")
        #expect(one.exit == .code(0), "\(one.error)")
        #expect(one.output.hasPrefix("refreshed in 0."))
        #expect(site.cli("GET", "shop:item:1") == ControlShop.value(1, "other"))
        #expect(site.cli("GET", "shop:item:2") == ControlShop.value(2, "other"))
        #expect(site.cli("GET", "shop:item:3") == ControlShop.value(3, "n3"))

        let byQuery = try Command.rekindle(
            "refresh", "--socket", daemon.socketPath, "items", "--query", "item", "--params", "id=150")
        #expect(byQuery.exit == .code(0), "\(byQuery.error)")
        #expect(site.cli("GET", "shop:item:150") == ControlShop.value(150, "n150"))

        try site.sql("UPDATE items SET name = 'third'; DELETE FROM items WHERE id = 150")
        let all = try Command.rekindle("refresh", "--socket", daemon.socketPath, "items")
        #expect(all.exit == .code(0), "\(all.error)")
        for id in [1, 2, 100] { #expect(site.cli("GET", "shop:item:\(id)") == ControlShop.value(id, "third")) }
        #expect(site.cli("EXISTS", "shop:item:150") == "0")
        #expect(site.cli("GET", "shop:count") == "199")
    }

    @Test func saysWhatItCanNotDo() throws {
        let site = try ControlShop.site()
        let daemon = try site.daemon(ControlShop.body)
        func text(_ reply: HealthReply) -> String { String(decoding: reply.body, as: UTF8.self) }
        let unknown = try daemon.post("/refresh?region=items&key=item:1&key=nonsense&key=item:x")
        #expect(unknown.status == 404)
        #expect(text(unknown).contains("makes 2 of the keys, number 2 to begin with"))
        #expect(!text(unknown).contains("nonsense"), "keys are data")
        let region = try daemon.post("/refresh?region=item")
        #expect(region.status == 404 && text(region).contains(#"no region "item"; did you mean "items"?"#))
        let query = try daemon.post("/refresh?query=itm&param.id=1")
        #expect(query.status == 404 && text(query).contains(#"did you mean "item"?"#))
        let parameter = try daemon.post("/refresh?query=item&param.ident=1")
        #expect(parameter.status == 400 && text(parameter).contains(#"has the parameter "id""#))
        let misspelled = try daemon.post("/refresh?regon=items")
        #expect(misspelled.status == 400 && text(misspelled).contains(#"did you mean "region"?"#))
        #expect(try daemon.post("/refresh?region=items&timeout=5").status == 400)
        #expect(try daemon.post("/refresh?region=%zz").status == 400)
        #expect(try daemon.read("/refresh?region=items").status == 405)

        let late = try daemon.post("/refresh?region=slow&key=1&timeout=50ms")
        #expect(late.status == 504 && text(late).contains("not done after 0.1 s: 1 keys wait or run"))
        try daemon.eventually("\"n1\"") { site.cli("GET", "slow:1") }

        // A key whose query fails is told, with the reason, and the daemon is tried again at once when it may be well.
        try site.sql("ALTER TABLE items RENAME COLUMN name TO label")
        let failed = try daemon.post("/refresh?region=items&key=item:1")
        #expect(failed.status == 502 && text(failed).contains("42703"), "\(text(failed))")
        try site.sql("ALTER TABLE items RENAME COLUMN label TO name; UPDATE items SET name = 'again'")
        try daemon.eventually(200) { try daemon.post("/refresh?region=items&key=item:1").status }
        #expect(site.cli("GET", "shop:item:1") == ControlShop.value(1, "again"))
    }

    @Test func invalidatesKeysAndRegions() throws {
        let site = try ControlShop.site()
        let daemon = try site.daemon(ControlShop.body)
        #expect(site.cli("EXISTS", "shop:item:1", "shop:item:2") == "2")
        let one = try Command.rekindle("invalidate", "--socket", daemon.socketPath, "items", "item:1")
        #expect(one.exit == .code(0), "\(one.error)")
        #expect(site.cli("EXISTS", "shop:item:1") == "0")
        #expect(site.cli("EXISTS", "shop:item:2") == "1")
        try site.sql("UPDATE items SET name = 'soft'")
        let soft = try Command.rekindle("invalidate", "--soft", "--socket", daemon.socketPath, "items", "item:2")
        #expect(soft.exit == .code(0), "\(soft.error)")
        #expect(site.cli("GET", "shop:item:2") == ControlShop.value(2, "soft"))
        let all = try Command.rekindle("invalidate", "--json", "--socket", daemon.socketPath, "items")
        #expect(all.exit == .code(0) && all.output.contains(#""done":true"#), "\(all.error)")
        #expect(site.cli("KEYS", "shop:*") == "")
    }

    /// dogpile.cache's metadata says since when a value is; the rest, and the expiry, stay.
    @Test func softensOneValueOfDogpile() throws {
        let site = try ControlShop.site()
        let body = ControlShop.body.replacing(
            "prefix = \"shop:\"", with: "prefix = \"shop:\"\nformat = \"dogpile\"\nttl = \"1h\"")
        let daemon = try site.daemon(body)
        let payload = "|" + ControlShop.value(1, "n1")
        site.cli("SET", "shop:item:1", #"{"v": 2, "ct": 1760000000.123456, "k": "x"}"# + payload, "EX", "500")
        let soft = try Command.rekindle(
            "invalidate", "--soft", "--socket", daemon.socketPath, "items", "item:1", "item:2")
        #expect(soft.exit == .code(0), "\(soft.error)")
        #expect(site.cli("GET", "shop:item:1") == #"{"v": 2, "ct": 1, "k": "x"}"# + payload)
        #expect(site.cli("GET", "shop:item:2") == #"{"ct": 1, "v": 2}|"# + ControlShop.value(2, "n2"))
        let left = Int(site.cli("TTL", "shop:item:1")) ?? 0
        #expect(left > 400 && left <= 500)
        #expect(site.cli("EXISTS", "rekindle:invalidated:shop:") == "0")
        for word in ["--soft", "--timeout=10s"] {
            let all = try Command.rekindle("invalidate", word, "--socket", daemon.socketPath, "items")
            #expect(all.exit == .code(0), "\(all.error)")
        }
        let (soft1, hard) = (
            site.cli("HGET", "rekindle:invalidated:shop:", "soft"),
            site.cli("HGET", "rekindle:invalidated:shop:", "hard")
        )
        #expect((Double(soft1) ?? 0) > 1.7e9 && (Double(hard) ?? 0) >= (Double(soft1) ?? .infinity))
        #expect(site.cli("KEYS", "shop:*") == "")
    }

    @Test func warmsWhatIsMissing() throws {
        let site = try ControlShop.site()
        let daemon = try site.daemon(ControlShop.body)
        site.cli("DEL", "shop:item:7", "shop:count")
        site.cli("SET", "shop:item:8", "wrong")
        let warm = try Command.rekindle("warm", "--socket", daemon.socketPath, "items")
        #expect(warm.exit == .code(0), "\(warm.error)")
        #expect(warm.output.hasPrefix("warm after "))
        for id in [7, 8] { #expect(site.cli("GET", "shop:item:\(id)") == ControlShop.value(id, "n\(id)")) }
        #expect(site.cli("GET", "shop:count") == "200")
        let none = try Command.rekindle("warm", "--socket", daemon.socketPath, "thing")
        #expect(none.exit == .code(64) && none.error.contains(#"no region "thing""#))
    }
}
