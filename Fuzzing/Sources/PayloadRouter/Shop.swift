import FuzzSupport

@testable import RefreshCore
@testable import RefreshService

/// The registry that payloads are routed by: each format, each kind of parameter, keys and regions to delete.
enum Shop {
    static let registry: Registry = {
        do throws(ConfigurationError) {
            return try Configuration.load(text: text, file: "shop").registry
        } catch {
            expect(false, "\(error)")
            return Registry(regions: [], queries: [], channels: [])
        }
    }()

    /// The types of each query's parameters, in their order.
    static let types: [String: [ParameterType]] = [
        "item": [.int4], "pair": [.textLike("text"), .int8], "page": [.textLike("text")],
        "document": [.uuid, .bool, .other("jsonb")], "front": [],
    ]

    private static let text = """
        [regions.items]
        prefix = "i:"
        [regions.pages]
        prefix = "p:"
        [regions.documents]
        prefix = "d:"
        [queries.item]
        region = "items"
        params = ["id"]
        sql = "SELECT $1"
        [queries.front]
        region = "items"
        key = "front"
        sql = "SELECT 1"
        [queries.pair]
        region = "items"
        params = ["kind", "id"]
        key = "pair/{id}-{kind}"
        sql = "SELECT $1, $2"
        [queries.page]
        region = "pages"
        params = ["slug"]
        sql = "SELECT $1"
        [queries.document]
        region = "documents"
        params = ["id", "open", "data"]
        key = "{open}:{id}:{data}"
        sql = "SELECT $1, $2, $3"
        [channels.items_changed]
        refresh = [{ query = "item", params = { id = "id" } }, { query = "front" }]
        invalidate = [{ region = "pages" }]
        [channels.pairs_changed]
        refresh = [
          { query = "pair", params = { id = "row.ids.0", kind = "row.kind" } },
          { query = "item", params = { id = "row.ids.0" } },
        ]
        invalidate = [{ region = "items", key = "pair/{a}", params = { a = "row.kind" } }]
        [channels.documents_changed]
        refresh = [{ query = "document", params = { id = "id", open = "open", data = "data" } }]
        [channels.items_gone]
        invalidate = [{ region = "items", key = "{id}", params = { id = "id" } }]
        [channels.records]
        payload = "csv"
        refresh = [
          { query = "pair", params = { id = "1", kind = "0" } }, { query = "item", params = { id = "1" } },
        ]
        [channels.pages_changed]
        payload = "text"
        refresh = [{ query = "page" }]
        invalidate = [{ region = "pages", key = "{slug}", params = { slug = "payload" } }]
        """
}
