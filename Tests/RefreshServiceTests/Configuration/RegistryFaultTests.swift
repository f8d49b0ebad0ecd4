import RefreshService
import Testing

@Suite("Faults of regions, queries and tables")
struct RegistryFaultTests {
    static let cases = [
        Case(
            """
            [regions.b]
            prefix = "items:"
            [regions.c]
            prefix = ""
            ttl = 3
            format = "jsn"
            on_gap = "drop"
            """,
            #"f:8:10: region "b" has the same prefix as region "items" at f:1:10; give each its own"#,
            "f:11:1: prefix must not be empty, or the region would hold every key of Redis",
            #"f:12:1: ttl needs a unit: 3 is a bare number; write a string such as "30s""#,
            #"f:13:1: format can not be "jsn", only "json", "text", "hash", "dogpile"; did you mean "json"?"#,
            #"f:14:1: on_gap can not be "drop", only "refresh", "delete""#),
        Case(
            """
            [regions.b]
            serializer = "pickle"
            [regions.c]
            format = "dogpile"
            serializer = "pickel"
            """,
            #"f:9:1: serializer needs format = "dogpile""#,
            #"f:12:1: serializer can not be "pickel", only "json", "pickle"; did you mean "pickle"?"#),
        Case(
            """
            [regions.b]
            mangler = "sha1"
            mangle_from = 100
            on_gap = "refresh"
            [regions.c]
            prefix = ""
            mangler = "md5_if_longer"
            """,
            #"f:10:1: mangle_from needs mangler = "sha1_if_longer" or "md5_if_longer""#,
            #"f:11:1: on_gap can not be "refresh" with a mangler, as nobody can tell the parameters of a key that is "#
                + "a digest; leave it out, and give the queries a warm statement that fills the region again",
            "f:13:1: prefix must not be empty, or the region would hold every key of Redis"),
        Case(
            """
            [regions.b]
            locks = true
            lock_prefix = "_"
            lock_timeout = "1ms"
            [regions.c]
            locks = "yes"
            lock_patience = "1s"
            """,
            #"f:9:1: locks needs format = "dogpile""#,
            "f:10:1: lock_prefix must be 2 to 10 letters, digits or characters of _-.:, as dogpile.cache takes it",
            #"f:11:1: lock_timeout must be between 1s and 1h"#,
            "f:13:1: locks must be true or false, not a string",
            "f:14:1: lock_patience needs locks = true"),
        Case(
            """
            [regions.b]
            stale_after = "5m"
            keep = "while_read"
            [regions.c]
            ttl = "5m"
            stale_after = "5m"
            refresh_ahead = "10"
            refresh_budget = 0
            keep = "never"
            [regions.d]
            ttl = "1h"
            refresh_ahead = "10%"
            refresh_budget = 5
            keep = "always"
            [regions.e]
            format = "dogpile"
            stale_after = "500ms"
            [regions.f]
            format = "dogpile"
            stale_after = "5m"
            refresh_ahead = "91%"
            [regions.g]
            ttl = "1h"
            stale_after = "5m"
            refresh_ahead = "5m"
            [regions.h]
            ttl = 3
            stale_after = "5m"
            keep = "while_read"
            """,
            "f:9:1: stale_after needs a longer ttl beside it, by which Redis knows how old a value is; or format = "
                + #""dogpile", whose values say when they were made"#,
            #"f:10:1: keep can be "while_read" only with a ttl, after which a value that nobody reads is gone"#,
            "f:13:1: stale_after must be shorter than ttl (5m), which ends the value",
            #"f:14:1: refresh_ahead must be "10%" of stale_after, at most "90%", or a duration such as "30s""#,
            "f:15:1: refresh_budget must be between 1 and 1000000",
            #"f:16:1: keep can not be "never", only "always", "while_read""#,
            "f:19:1: refresh_ahead needs stale_after beside it, which says when a value is to be fresh again",
            "f:20:1: refresh_budget needs stale_after beside it, which says when a value is to be fresh again",
            "f:21:1: keep needs stale_after beside it, which says when a value is to be fresh again",
            "f:24:1: stale_after must be between 1s and 3650d",
            #"f:28:1: refresh_ahead must be "10%" of stale_after, at most "90%", or a duration such as "30s""#,
            "f:32:1: refresh_ahead must be shorter than stale_after, or values would be refreshed without end",
            #"f:34:1: ttl needs a unit: 3 is a bare number; write a string such as "30s""#),
        Case(
            "[regions.\(String(repeating: "x", count: 512))]",
            "f:8:10: prefix must be at most 512 bytes long"),
        Case(
            """
            [queries.q]
            region = "item"
            [queries.r]
            sql = " "
            [queries.s]
            region = "items"
            sql = "x"
            sql_file = "y"
            [queries.t]
            region = "items"
            sql_file = "nope.sql"
            """,
            #"f:8:10: [queries.q] needs the key "sql", or "sql_file""#,
            #"f:9:1: there is no region "item"; did you mean "items"?"#,
            #"f:10:10: [queries.r] needs the key "region""#,
            "f:11:1: sql must not be empty",
            "f:15:1: sql_file can not stand beside sql; keep one of them",
            #"f:18:1: sql_file "nope.sql" can not be used: No such file or directory"#),
        Case(
            """
            [queries.q]
            region = "items"
            sql = "x"
            params = ["id", "kind"]
            key = "{idd}"
            [queries.r]
            region = "items"
            sql = "x"
            params = ["a", "a", "{", 1]
            [queries.s]
            region = "items"
            sql = "x"
            params = ["id"]
            key = "{id"
            """,
            #"f:12:1: key lacks {id}, so that different values of "id" would share one key"#,
            #"f:12:1: key lacks {kind}, so that different values of "kind" would share one key"#,
            #"f:12:1: key names {idd}, which is not in params; did you mean "id"?"#,
            #"f:16:16: the parameter "a" stands in params twice"#,
            #"f:16:21: the parameter "{" must have a name without braces"#,
            "f:16:26: an element of params must be a string, not an integer",
            #"f:21:1: key "{id" is no key template: a '{' has no '}' after it; write '{{' for a brace of the key"#),
        Case(
            """
            [queries.q]
            region = "items"
            sql = "x"
            params = ["x"]
            """,
            #"f:8:10: query "q" makes the same keys as query "item" in region "items"; "#
                + "add a text of its own to its key"),
        Case(
            """
            [regions.t]
            format = "text"
            [regions.h]
            format = "hash"
            [queries.a]
            region = "t"
            sql = "x"
            [queries.b]
            region = "h"
            sql = "x"
            result = "rows"
            missing = "null"
            [queries.c]
            region = "items"
            sql = "x"
            missing = "empty"
            """,
            #"f:12:10: result must be "scalar", as region "t" has format = "text""#,
            #"f:18:1: result must be "row", as region "h" has format = "hash""#,
            #"f:19:1: missing can not be "null", as region "h" has format = "hash""#,
            #"f:23:1: missing can be "empty" only with result = "rows" or "column""#),
        Case(
            """
            [tables.t]
            [tables.u]
            key = []
            channel = "chnged"
            [tables.v]
            key = ["a", "a", ""]
            channel = "changed"
            """,
            #"f:8:9: [tables.t] needs the key "channel""#,
            #"f:8:9: [tables.t] needs the key "key""#,
            "f:10:1: key must name at least one column",
            #"f:11:1: there is no channel "chnged"; did you mean "changed"?"#,
            #"f:13:13: the column "a" stands in key twice"#,
            "f:13:18: an element of key must not be empty"),
        Case(
            """
            [tables.t]
            key = ["idd", "other"]
            columns = []
            channel = "changed"
            [tables."a.b.c"]
            key = ["id"]
            columns = ["x", "x", 7]
            channel = "changed"
            [tables.u]
            key = ["0", "a"]
            channel = "indexed"
            [tables.v]
            key = ["payload"]
            channel = "plain"
            [channels.indexed]
            refresh = [{ query = "item", params = { id = "0.id" } }]
            invalidate = [{ region = "items", key = "{x}", params = { x = "a" } }]
            [channels.plain]
            payload = "text"
            """,
            #"f:9:1: key lacks "id", from which "changed" takes a parameter, so that no event of this table would fit; did you mean "idd"?"#,
            "f:10:1: columns must name at least one column",
            #"f:12:9: [tables."a.b.c"] must be named as a table or as schema.table, of 63 bytes each at most; a name with a dot in it stands in double quotes: [tables.'"a.b"']"#,
            #"f:14:17: the column "x" stands in columns twice"#,
            "f:14:22: an element of columns must be a string, not an integer",
            #"f:18:1: channel "indexed" takes a parameter from "0.id", an element of the payload's array, but of what triggers send each element is an event of its own; name a column of key"#,
            #"f:21:1: channel "plain" has payload = "text", but triggers send JSON; set payload = "json" in [channels.plain]"#
        ),
    ]

    @Test("each fault is told with its place", arguments: cases)
    func faults(of fault: Case) { #expect(faultLines(shop + fault.text) == fault.lines) }
}

@Suite("Faults of channels")
struct ChannelFaultTests {
    static let long = String(repeating: "\u{E9}", count: 32)

    static let cases = [
        Case(
            """
            [channels.c]
            refresh = [{query="itme"}, {qery="item"}, {query="item"}, {query="item",params={id="a..b",x="y"}}]
            """,
            #"f:9:13: there is no query "itme"; did you mean "item"?"#,
            #"f:9:28: refresh of [channels.c] needs the key "query""#,
            #"f:9:29: refresh of [channels.c] has no key "qery"; did you mean "query"?"#,
            #"f:9:43: refresh of [channels.c] needs params = { id = "…" }, the parameters of query "item""#,
            #"f:9:81: "a..b" is no place in a json payload; write names and indexes joined by dots, such as "#
                + #""row.ids.0""#,
            #"f:9:91: query "item" has no parameter "x"; known: "id""#),
        Case(
            """
            [channels.c]
            refresh = [{ query = "item", params = {} }, { query = "item", params = "id" }, 3]
            invalidate = { region = "items" }
            publish = []
            """,
            #"f:9:30: params lacks "id", a parameter of query "item""#,
            #"f:9:63: params must be a table such as { id = "id" }, not a string"#,
            "f:9:80: refresh of [channels.c] must be a table, not an integer",
            "f:10:1: invalidate must be an array of tables such as invalidate = [{ … }], not a table"),
        Case(
            """
            [channels.c]
            publish = [{}, {channel="a",stream="b"}, {channel="c",maxlen=3}, {stream="",maxlen=0,after="x",body="y"}]
            """,
            #"f:9:12: publish of [channels.c] needs the key "channel", or "stream""#,
            "f:9:29: stream can not stand beside channel; write two tables to publish to both",
            "f:9:55: maxlen goes with stream only; a channel keeps nothing",
            "f:9:67: stream must not be empty",
            "f:9:77: maxlen must be between 1 and 1000000000",
            #"f:9:86: after can not be "x", only "receive", "refresh""#,
            #"f:9:96: body can not be "y", only "payload", "envelope""#),
        Case(
            """
            [channels.c]
            payload = "csv"
            refresh = [{ query = "item", params = { id = "x" } }, { query = "item", params = { id = 1000 } }]
            [[channels.c.invalidate]]
            region = "page"
            [[channels.c.invalidate]]
            region = "items"
            params = { a = "0" }
            [[channels.c.invalidate]]
            region = "items"
            key = "{a}{b}"
            [[channels.c.invalidate]]
            region = "items"
            key = "{a}"
            [[channels.c.invalidate]]
            region = "items"
            key = "x"
            params = { a = "0" }
            """,
            #"f:10:41: "x" is no place in a csv payload; write the index of a field, from "0" to "999""#,
            #"f:10:84: "1000" is no place in a csv payload; write the index of a field, from "0" to "999""#,
            #"f:12:1: there is no region "page"; known: "items""#,
            "f:15:1: params needs a key beside it that names the parameters",
            #"f:18:1: key "{a}{b}" is no key template: '{a}{b}' needs text between the two, or different "#
                + "parameters could make the same key",
            #"f:19:1: invalidate of [channels.c] needs params = { a = "…" }, the parameters of key "{a}""#,
            #"f:25:12: key "x" has no parameter "a"; it has none"#),
        Case(
            """
            [channels."\(long)"]
            payload = "text"
            refresh = [{ query = "item" }, { query = "item", params = { id = "id" } }]
            [channels.""]
            """,
            "f:8:11: [channels.\"\(long)\"] is longer than 63 bytes, the most that Postgres allows",
            #"f:10:61: "id" is no place in a text payload; write "payload""#,
            #"f:11:11: the name of [channels.""] must not be empty or hold a NUL"#),
        Case(
            "[channels.c]\nrefresh = [{ query = 'item', params = { id = '\(String(repeating: "a.", count: 256))a' } }]",
            "f:9:41: id must have at most 256 names"),
    ]

    @Test("each fault is told with its place", arguments: cases)
    func faults(of fault: Case) { #expect(faultLines(shop + fault.text) == fault.lines) }
}
