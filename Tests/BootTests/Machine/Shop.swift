import TestServers

/// What the daemon serves on the booted machine: items whose counter only grows, a key for each.
enum Shop {
    /// How many items there are when a test begins.
    static let items = 100

    /// The table, its trigger, and the role as docs/operations.md tells to make it.
    static let schema = """
        CREATE TABLE items (id int PRIMARY KEY, name text, v bigint NOT NULL DEFAULT 0);
        CREATE FUNCTION tell() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            PERFORM pg_notify('items_changed', json_build_object('id', coalesce(NEW.id, OLD.id))::text);
            RETURN NULL;
        END $$;
        CREATE TRIGGER tell AFTER INSERT OR UPDATE OR DELETE ON items FOR EACH ROW EXECUTE FUNCTION tell();
        CREATE ROLE rekindle LOGIN;
        GRANT CONNECT ON DATABASE shop TO rekindle;
        GRANT USAGE ON SCHEMA public TO rekindle;
        GRANT SELECT ON items TO rekindle
        """

    static let rows = "INSERT INTO items SELECT n, 'item ' || n FROM generate_series(1, \(items)) n"

    /// `/etc/rekindle/conf.d/shop.toml`; Redis is where the sample configuration has it.
    static let configuration = """
        [postgres]
        url = "postgresql:///shop?host=/run/postgresql"
        [regions.items]
        prefix = "items:"
        [queries.item]
        region = "items"
        params = ["id"]
        sql = "SELECT id, name, v FROM items WHERE id = $1"
        warm = "SELECT id FROM items"
        [channels.items_changed]
        refresh = [{ query = "item", params = { id = "id" } }]

        """

    /// The seconds of the watchdog in tests, which in the unit are thirty.
    static let watchdog = 2

    /// What the manual tells for a Redis of this machine, and a watchdog for which tests need not wait long.
    static let dropIn = """
        [Service]
        SupplementaryGroups=redis
        WatchdogSec=\(watchdog)s
        \(MemoryBound.holds ? "" : "Environment=ASAN_OPTIONS=detect_leaks=0")

        """

    /// The value of an item's key.
    static func value(_ id: Int, _ v: Int) -> String { #"{"id":\#(id),"name":"item \#(id)","v":\#(v)}"# }
}
