/// The daemon's configuration for the shop: a small one of everything.
struct ShopConfiguration {
    /// The queries, which the check runs again for itself; `$1`… are replaced by what it reads them with.
    static let item = "SELECT id, name, price, stock, sold, revision FROM items WHERE id = $1"
    static let shelf = """
        SELECT id, name, price, sold FROM items WHERE category = $1 AND brand = $2 ORDER BY sold DESC, id LIMIT 5
        """
    static let front = "SELECT id, name, sold FROM items ORDER BY sold DESC, id LIMIT 10"

    static let itemPrefix = "shop:item:"
    static let shelfPrefix = "shop:shelf:"
    static let frontKey = "shop:front:best"
    static let pagePrefix = "shop:page:"
    static let stream = "shop:log"

    /// The folder that the servers' sockets are in.
    let scratch: String

    var text: String {
        let folder = ScratchFolder(path: scratch)
        return """
            # The shop of `rekindle demo`. Every key is explained in docs/configuration.md.
            [service]
            name = "demo"

            [postgres]
            url = "postgresql:///shop?host=\(folder.postgres)&user=shop"

            [redis]
            url = "unix://\(folder.redisSocket)"

            [health]
            socket = "\(folder.healthSocket)"

            [regions.items]
            prefix = "\(Self.itemPrefix)"
            ttl = "1h"

            [regions.shelves]
            prefix = "\(Self.shelfPrefix)"

            [regions.front]
            prefix = "shop:front:"

            # Filled by the shop itself when somebody looks at a page; the daemon only deletes from it.
            [regions.pages]
            prefix = "\(Self.pagePrefix)"
            on_gap = "delete"

            [queries.item]
            region = "items"
            key = "{id}"
            params = ["id"]
            sql = "\(Self.item)"
            warm = "SELECT id FROM items"

            # The best of a category and brand.
            [queries.shelf]
            region = "shelves"
            key = "{category}:{brand}"
            params = ["category", "brand"]
            sql = "\(Self.shelf)"
            result = "rows"
            warm = "SELECT DISTINCT category, brand FROM items"

            # No parameters: one key, however many orders come at once.
            [queries.best]
            region = "front"
            key = "best"
            sql = "\(Self.front)"
            result = "rows"

            [channels.items_changed]
            refresh = [
                { query = "item", params = { id = "id" } },
                { query = "shelf", params = { category = "category", brand = "brand" } },
            ]
            publish = [{ channel = "shop:events:items" }]

            [channels.orders_placed]
            refresh = [{ query = "best" }]
            publish = [{ stream = "\(Self.stream)", maxlen = 1000, body = "envelope" }]

            [channels.catalogue_changed]
            invalidate = [{ region = "pages", key = "{slug}", params = { slug = "slug" } }]

            """
    }
}
