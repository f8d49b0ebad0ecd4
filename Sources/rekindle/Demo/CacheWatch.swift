import Postgres
import Reactor
import Redis

/// Looks at a few keys of the cache, five times a second, as a reader of the shop would.
@Loop
final class CacheWatch {
    /// What one key holds.
    struct Entry {
        let key: String
        /// The value's text; nil when there is none.
        var text: String?
        /// When it was last seen to change, in nanoseconds of the loop's clock.
        var changed: Int64 = 0
    }

    private(set) var entries: [Entry]
    private let keys: [String]
    private let cache: RedisConnection
    private let shop: PostgresConnection
    private let closing: ClosingTime
    private static let page = "coffee"

    init(_ cache: RedisConnection, _ shop: PostgresConnection, _ closing: ClosingTime, items: Int) {
        self.cache = cache
        self.shop = shop
        self.closing = closing
        let shelf = "\(ShopConfiguration.shelfPrefix)\(ShopSchema.categories[0]):\(ShopSchema.brands[0])"
        let keys = [
            "\(ShopConfiguration.itemPrefix)1", "\(ShopConfiguration.itemPrefix)\(items / 50)",
            "\(ShopConfiguration.itemPrefix)\(items)", shelf, ShopConfiguration.frontKey,
            ShopConfiguration.pagePrefix + Self.page,
        ]
        self.keys = keys
        entries = (keys + [ShopConfiguration.stream]).map { Entry(key: $0) }
    }

    /// Looks until closing time.
    func run() async throws {
        while !closing.isNow {
            try await look()
            do { try await Loop.sleep(for: DaemonWatch.period) } catch { return }
        }
    }

    private func look() async throws {
        let values = try await cache.command(["MGET"] + keys).elements ?? []
        for (index, value) in values.enumerated() where index < keys.count { show(value.text, at: index) }
        if entries[keys.count - 1].text == nil { try await renderPage() }
        // The newest entry: its number, then its fields and their values, of which the last one is the message.
        let newest = try await cache.command("XREVRANGE", ShopConfiguration.stream, "+", "-", "COUNT", "1")
        show(newest.elements?.first?.elements?.last?.elements?.last?.text, at: keys.count)
    }

    private func show(_ text: String?, at index: Int) {
        if text == entries[index].text { return }
        entries[index].text = text
        entries[index].changed = EventLoop.now
    }

    /// What a shop does when a page is not in the cache: it makes it, and stores it. The daemon deletes it again when
    /// the headline changes.
    private func renderPage() async throws {
        let row = try await shop.execute(
            "SELECT headline FROM categories WHERE slug = '\(Self.page)'", timeout: .seconds(5))
        let html = "<h1>\(row.string(0, 0) ?? "")</h1>"
        _ = try await cache.command("SET", ShopConfiguration.pagePrefix + Self.page, html, "EX", "3600")
    }
}
