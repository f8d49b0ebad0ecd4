import RefreshCore
import RefreshService

/// The registry that everything here is measured with: a query by its key, and one by two fields of a row.
enum Site {
    static let catalogue = loaded(text)

    /// So many queries, four a region, and no channels.
    static func catalogue(of queries: Int) -> Catalogue {
        let lines = (0..<queries).map { number in
            let region = "r\(number / 4)"
            let begin = number % 4 == 0 ? "[regions.\(region)]\nprefix = \"\(region):\"\n" : ""
            return begin + """
                [queries.q\(number)]
                region = "\(region)"
                params = ["id"]
                key = "\(number)/{id}"
                sql = "SELECT $1"

                """
        }
        return loaded(lines.joined())
    }

    static func channel(_ name: String) -> ChannelID {
        guard let id = catalogue.channel(ChannelName(name)) else { fatalError("there is no channel \(name)") }
        return id
    }

    static func query(_ name: String) -> Query {
        guard let query = catalogue.registry.queries.first(where: { $0.name.text == name }) else {
            fatalError("there is no query \(name)")
        }
        return query
    }

    private static func loaded(_ text: String) -> Catalogue {
        do {
            return Catalogue(try Configuration.load(text: text, file: "site").registry)
        } catch {
            fatalError("\(error)")
        }
    }

    private static let text = """
        [regions.items]
        ttl = "1h"
        [queries.item]
        region = "items"
        params = ["id"]
        sql = "SELECT id, name, price, tags, updated_at FROM items WHERE id = $1::int"
        [regions.stock]
        [queries.stock]
        region = "stock"
        params = ["shop", "id"]
        key = "{shop}/{id}"
        sql = '''
        -- What is left of an item in one shop, and when more will come.
        SELECT i.id, i.name AS "item's name", s.quantity - coalesce(r.reserved, 0) AS left,
               (SELECT min(d.due) FROM deliveries d WHERE d.item = i.id AND d.shop = s.shop AND d.due > now()) AS next
          FROM items i
          JOIN stock s ON s.item = i.id
          LEFT JOIN LATERAL (SELECT sum(quantity) AS reserved FROM reservations
                              WHERE item = i.id AND shop = s.shop AND state IN ('open', 'don''t ship')) r ON true
         WHERE s.shop = $1::text AND i.id = $2 /* the key */
         ORDER BY s.quantity DESC LIMIT 1
        '''
        warm = "SELECT shop, item FROM stock WHERE quantity > 0"
        [channels.items]
        payload = "text"
        refresh = [{ query = "item", params = { id = "payload" } }]
        [channels.rows]
        refresh = [{ query = "stock", params = { shop = "row.shop.code", id = "row.ids.0" } }]
        [channels.records]
        payload = "csv"
        refresh = [{ query = "stock", params = { shop = "1", id = "3" } }]
        """
}
