import Testing

@testable import RefreshService

/// A file text, and the exact lines that it gives.
struct Case: Sendable, CustomTestStringConvertible {
    let text: String
    let lines: [String]

    init(_ text: String, _ lines: String...) {
        self.text = text
        self.lines = lines
    }

    var testDescription: String { text.split(separator: "\n").joined(separator: "; ") }
}

@Suite("Faults of the four tables of settings")
struct SettingsFaultTests {
    static let cases = [
        Case(
            """
            [service]
            nam = "x"
            ready = "wam"
            log_level = "INFO"
            queue_bytes = 5
            drain_timeout = "10"
            heartbeat = "1x"
            name = "a b"
            """,
            #"f:2:1: [service] has no key "nam"; did you mean "name"?"#,
            #"f:3:1: ready can not be "wam", only "warm", "listening"; did you mean "warm"?"#,
            #"f:4:1: log_level can not be "INFO", only "trace", "debug", "info", "notice", "warning", "error", "#
                + #""critical"; did you mean "info"?"#,
            #"f:5:1: queue_bytes needs a unit: 5 is a bare number; write a string such as "32MiB""#,
            #"f:6:1: drain_timeout needs a unit; write "10s" for seconds or "10ms" for milliseconds"#,
            #"f:7:1: heartbeat has no known unit; the units are ms, s, m, h and d"#,
            #"f:8:1: name must be 1 to 48 letters, digits or characters of ._:@-"#),
        Case(
            """
            [service]
            queue_bytes = "1KiB"
            drain_timeout = "2h"
            heartbeat = true
            name = ""
            """,
            "f:2:1: queue_bytes must be between 64KiB and 64GiB",
            "f:3:1: drain_timeout must be between 0s and 1h",
            "f:4:1: heartbeat must be a string, not a boolean",
            "f:5:1: name must be 1 to 48 letters, digits or characters of ._:@-"),
        Case(
            """
            [postgres]
            url = "mysql://x"
            workers = 65
            statement_timeout = "9999999999999999d"
            """,
            "f:2:1: url has an unknown scheme; a libpq URI begins with postgresql://",
            "f:3:1: workers must be between 1 and 64",
            "f:4:1: statement_timeout is too large"),
        Case(
            "[postgres]\nurl = 'shop'\nworkers = '2'",
            #"f:2:1: url must be a libpq URI such as "postgresql:///shop?host=/run/postgresql""#,
            "f:3:1: workers must be an integer, not a string"),
        Case("[postgres]\nurl = \"a=\\u0000\"", "f:2:1: url must not hold a NUL character"),
        Case(
            "[health]\nsocket = 'x'\nlisten = '9187'",
            "f:2:1: socket must be an absolute path",
            #"f:3:1: listen must be a host and a port, such as "127.0.0.1:9187" or "[::1]:9187""#),
        Case(
            "[sampler]\ninterval = 5\ndelays = []",
            #"f:2:1: interval needs a unit: 5 is a bare number; write a string such as "30s""#,
            #"f:3:1: delays must be 1 to 8 durations, such as ["1s", "10s"]"#),
        Case("[sampler]\ndelays = ['1s', '1s']", "f:2:1: delays must rise, from more than 0 up to 1h"),
        Case("[sampler]\ndelays = ['1s', 2]", "f:2:17: an element of delays must be a string, not an integer"),
        Case(
            "[redis]\npassword_credential = 'x'",
            #"f:2:1: password_credential names the credential "x", but CREDENTIALS_DIRECTORY is not set; start the "#
                + "service by systemd, with LoadCredential=x:/path/of/the/file in its unit"),
        Case(
            "[redis]\npassword_credential = '../x'",
            "f:2:1: password_credential must be the name of a credential, without a directory"),
        Case(
            "postgres = 3\nregoins = 1\nregions = []\nqueries.a = 1",
            "f:1:1: postgres must be a table, not an integer",
            #"f:2:1: the top level has no key "regoins"; did you mean "regions"?"#,
            "f:3:1: regions must be a table, not an array",
            "f:4:9: [queries.a] must be a table, not an integer"),
        Case(
            "[redis]\n[redis]",
            "f:2:1: this is not TOML: Error while parsing table header: cannot redefine existing table 'redis'"),
        Case(
            "\"\"=-n\n]",
            "f:1:6: this is not TOML: Error while parsing floating-point: expected 'nan', saw '-n\\n'"),
        Case("[a", "f:1:3: this is not TOML: Error while parsing table header: encountered end-of-file"),
        Case(
            "\u{FEFF}[a\u{E9}]", "f:1:3: this is not TOML: Error while parsing table header: expected ']', saw '\u{E9}'"
        ),
    ]

    @Test("each fault is told with its place", arguments: cases)
    func faults(of fault: Case) { #expect(faultLines(fault.text) == fault.lines) }

    static let redisURLs = [
        ("rediss://h", "asks for TLS, which is not supported; use unix://, or redis:// in a trusted network"),
        ("http://h", "has an unknown scheme; use unix:// or redis://"),
        ("redis://h:0", "must name a host and perhaps a port, as in \"redis://cache.example:6379/0\""),
        ("redis://h:+1", "must name a host and perhaps a port, as in \"redis://cache.example:6379/0\""),
        ("redis://h/x", "must name the database by its number, from 0"),
        ("unix://run/x", "must name an absolute path, as in \"unix:///run/redis/redis-server.sock\""),
        ("unix:///x?d=1", "has an unknown parameter \"d\"; the only one is \"db\""),
        (
            "localhost",
            "must be a URL such as \"unix:///run/redis/redis-server.sock\" or \"redis://host:6379/0\""
        ),
        ("redis://u:%zz@h", "has a '%' before the '@' that is not followed by two hex digits; write it as %25"),
    ]

    @Test("a Redis URL that is none is refused, and not shown", arguments: redisURLs)
    func redis(url: String, sentence: String) {
        #expect(faultLines("[redis]\nurl = '\(url)'") == ["f:2:1: url \(sentence)"])
    }
}
