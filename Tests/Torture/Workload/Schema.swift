/// The tables that writers change, and the configuration that keeps their cache.
///
/// A value carries its own history: a list only grows, by numbers that occur once, so that any two values of a key
/// tell which of them is the older, and any value whether it ever was the table's content.
enum Schema {
    /// Rows that never change: they come first in a resync by streaming, so that lists are rewritten while it runs.
    static let fillers = 20_000
    /// The first number of a list that is written.
    static let firstList = 100_001
    /// How many counters there are.
    static let counters = 4
    /// How many pages there are.
    static let pages = 16
    /// The role by which the daemon connects.
    static let role = "cache"

    /// Makes the tables.
    static let tables = """
        CREATE ROLE \(role) LOGIN;
        CREATE TABLE lists (
            id int PRIMARY KEY, pair int, items int[] NOT NULL DEFAULT '{}', n int NOT NULL DEFAULT 0);
        CREATE INDEX ON lists (pair) WHERE pair IS NOT NULL;
        CREATE TABLE graves (LIKE lists);
        CREATE TABLE owners (list int PRIMARY KEY, name text NOT NULL);
        CREATE TABLE counters (id int PRIMARY KEY, n bigint NOT NULL DEFAULT 0);
        CREATE TABLE pages (id int PRIMARY KEY, n int NOT NULL DEFAULT 0, live bool NOT NULL DEFAULT true);
        INSERT INTO lists (id) SELECT generate_series(1, \(fillers));
        INSERT INTO counters SELECT generate_series(1, \(counters));
        INSERT INTO pages SELECT generate_series(1, \(pages));
        CREATE FUNCTION tell() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN PERFORM pg_notify('counters_changed', txid_current()::text); RETURN NULL; END $$;
        CREATE TRIGGER tell AFTER UPDATE ON counters FOR EACH STATEMENT EXECUTE FUNCTION tell();
        GRANT SELECT ON ALL TABLES IN SCHEMA public TO \(role);
        ANALYZE;
        """

    /// Regions of every kind: a resync by refreshing and by deleting, a TTL, text, dogpile's format, invalidations.
    static let regions = """
        [regions.list]
        [regions.pair]
        on_gap = "delete"
        [regions.owned]
        format = "dogpile"
        [regions.sum]
        format = "text"
        [regions.brief]
        ttl = "2s"
        [regions.page]
        [regions.purged]

        [queries.list]
        region = "list"
        params = ["id"]
        sql = "SELECT id, items, n FROM lists WHERE id = $1"
        warm = "SELECT id FROM lists ORDER BY id"
        [queries.pair]
        region = "pair"
        params = ["pair"]
        sql = "SELECT id, items, n FROM lists WHERE pair = $1 ORDER BY id"
        result = "rows"
        missing = "delete"
        warm = "SELECT DISTINCT pair FROM lists WHERE pair IS NOT NULL"
        [queries.owned]
        region = "owned"
        params = ["id"]
        sql = "SELECT l.id, l.items, l.n, o.name FROM lists l JOIN owners o ON o.list = l.id WHERE l.id = $1"
        warm = "SELECT list FROM owners JOIN lists ON id = list"
        [queries.total]
        region = "sum"
        sql = "SELECT sum(n) FROM counters"
        result = "scalar"
        [queries.counter]
        region = "sum"
        key = "c{id}"
        params = ["id"]
        sql = "SELECT n FROM counters WHERE id = $1"
        result = "scalar"
        warm = "SELECT id FROM counters"
        [queries.brief]
        region = "brief"
        params = ["id"]
        sql = "SELECT id, items, n FROM lists WHERE id = $1"
        [queries.page]
        region = "page"
        params = ["id"]
        sql = "SELECT id, n FROM pages WHERE id = $1"
        warm = "SELECT id FROM pages"
        [queries.purged]
        region = "purged"
        params = ["id"]
        sql = "SELECT id, n FROM pages WHERE id = $1"

        [channels.lists_changed]
        refresh = [
            { query = "list", params = { id = "id" } }, { query = "brief", params = { id = "id" } },
            { query = "owned", params = { id = "id" } }]
        [channels.pairs_changed]
        payload = "text"
        refresh = [{ query = "pair" }]
        [channels.counters_changed]
        payload = "text"
        refresh = [{ query = "total" }]
        [channels.counter_changed]
        payload = "csv"
        refresh = [{ query = "counter", params = { id = 0 } }]
        publish = [{ channel = "torture:events", after = "refresh" }]
        [channels.pages_changed]
        payload = "csv"
        refresh = [{ query = "page", params = { id = 0 } }, { query = "purged", params = { id = 0 } }]
        [channels.pages_gone]
        payload = "csv"
        refresh = [{ query = "purged", params = { id = 0 } }]
        invalidate = [{ region = "page", key = "{id}", params = { id = 0 } }]
        [channels.all_gone]
        payload = "text"
        invalidate = [{ region = "purged" }]
        """

    /// Every key that may be there, one a line: `!` when it must be there, `?` when not, then key, tab, value.
    static let expected = """
        SELECT '!list:' || k.id || E'\\t' || (SELECT to_json(q.*)::text FROM
            (SELECT id, items, n FROM lists WHERE id = k.id) q) FROM lists k
        UNION ALL SELECT '?brief:' || k.id || E'\\t' || (SELECT to_json(q.*)::text FROM
            (SELECT id, items, n FROM lists WHERE id = k.id) q) FROM lists k
        UNION ALL SELECT '!pair:' || k.pair || E'\\t' || (SELECT '[' || string_agg(to_json(q.*)::text, ',') || ']' FROM
            (SELECT id, items, n FROM lists WHERE pair = k.pair ORDER BY id) q)
            FROM (SELECT DISTINCT pair FROM lists WHERE pair IS NOT NULL) k
        UNION ALL SELECT '!owned:' || k.list || E'\\t' || (SELECT to_json(q.*)::text FROM
            (SELECT l.id, l.items, l.n, o.name FROM lists l JOIN owners o ON o.list = l.id WHERE l.id = k.list) q)
            FROM owners k JOIN lists ON id = list
        UNION ALL SELECT '!sum:total' || E'\\t' || sum(n) FROM counters
        UNION ALL SELECT '!sum:c' || id || E'\\t' || n FROM counters
        UNION ALL SELECT CASE WHEN live THEN '!' ELSE '?' END || 'page:' || id || E'\\t' ||
            (SELECT to_json(q.*)::text FROM (SELECT k.id, k.n) q) FROM pages k
        UNION ALL SELECT '?purged:' || id || E'\\t' ||
            (SELECT to_json(q.*)::text FROM (SELECT k.id, k.n) q) FROM pages k
        """

    /// Every list there ever was, one a line: number, tab, its items.
    static let finalLists = """
        SELECT id || E'\\t' || array_to_string(items, ',') FROM lists WHERE id > \(fillers)
        UNION ALL SELECT id || E'\\t' || array_to_string(items, ',') FROM graves
        """
}
