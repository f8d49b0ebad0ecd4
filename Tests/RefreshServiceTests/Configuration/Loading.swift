import RefreshService

/// The fault lines of a text that stands for a file called `f`; empty when it loads.
func faultLines(_ text: String, environment: [String: String] = [:]) -> [String] {
    do throws(ConfigurationError) {
        _ = try Configuration.load(text: text, file: "f", environment: environment)
        return []
    } catch {
        return error.faults.map(\.description)
    }
}

/// The warning lines of a text that loads.
func warningLines(_ text: String) throws -> [String] {
    try Configuration.load(text: text, file: "f").warnings.map(\.description)
}

/// A region, a query of it and a channel that refreshes it, to which a test adds what it is about.
let shop = """
    [regions.items]
    [queries.item]
    region = "items"
    params = ["id"]
    sql = "SELECT 1"
    [channels.changed]
    refresh = [{ query = "item", params = { id = "id" } }]

    """
