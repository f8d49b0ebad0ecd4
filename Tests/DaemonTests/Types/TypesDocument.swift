/// docs/types.md: what is written around the tables, and the tables, made of the tests' own.
enum TypesDocument {
    static var text: String {
        """
        # Types

        What is stored of every type of Postgres, and what becomes of values in payloads. The tables are made of those
        that `Tests/DaemonTests/Types` tests; `make types` writes this file.

        ## Values

        Postgres makes the text, so that no digit and no escape passes through a number or a string of the daemon:

        * `format = "json"` and `"dogpile"` hold what `to_json` makes. Numbers keep all digits: a reader whose numbers are
          doubles (JavaScript, or `json.loads` without `parse_float=decimal.Decimal`) loses them itself. What JSON has no
          number for, NaN and the infinities, is a string. SQL's NULL is `null`.
        * `format = "text"` holds what a cast to `text` makes, and a field of a hash what psql prints; where the two differ
          the table shows both. A field that is NULL is not there.
        * Values are UTF-8, whatever the encoding of the database. A value with bytes that are none (in a database of
          encoding `SQL_ASCII`), or that has no equivalent, fails with SQLSTATE 22021 or 22P05, and its key is
          [parked](operations.md#a-poison-key). `MULE_INTERNAL` can not be converted: no connection is made.

        \(values)

        Values larger than `max_value` of their [region](configuration.md#regionsname) are not stored.

        ### Settings of the session

        These are the daemon's own, whatever role and database say: `DateStyle = 'ISO, YMD'`, `IntervalStyle = 'postgres'`,
        `extra_float_digits = 1`, `bytea_output = 'hex'`, `xmlbinary = 'base64'`, `quote_all_identifiers = off`,
        `standard_conforming_strings = on`, `client_encoding = 'UTF8'`.

        These are the user's choice, and change values: `TimeZone` and `timezone_abbreviations`, `search_path`,
        `lc_monetary`, `lc_numeric`, `lc_time`, `default_text_search_config`. The first session takes them from role,
        database and URL, and all later ones take them from it, so that every worker spells a value in the same way. A
        change by `ALTER ROLE` or `ALTER DATABASE` takes effect with a restart of the daemon. To choose one for the daemon
        alone, put it into the URL:
        `postgresql:///shop?options=-c%20TimeZone%3DUTC`.

        ## Parameters

        A value of a payload becomes a parameter in three steps.

        1. It is taken out of the payload: of JSON a string, without its escapes; a number, as it is spelled; `true` or
           `false`; for a parameter of type `json` or `jsonb` also an object or array. `null`, a field that is not there
           and a zero byte are no values.
        2. Integers, booleans, uuids and identifiers of objects (`regclass`, …) are checked, and spelled as keys spell them.
           An integer has no fraction and no exponent: `7.0` and `1e3` are no integers.
        3. Of all other types Postgres is the judge, when the query runs.

        What does not fit in the first two steps drops the payload: `rekindle_bad_payloads_total` and `payload dropped` in
        the log. What Postgres refuses drops the key: `rekindle_unfit_parameters_total` and `parameters dropped`; the others
        of the statement go on, and what was under the key is deleted. Neither logs the value. A fault that a row causes is
        told apart, and parks its key.

        Where keys are not spelled by the second step, they are spelled as the payload spells them, and so make a key for
        each spelling: `1.0` and `1.00` of a `numeric` are two keys of one value, and so are `2026-02-28` and `20260228`.
        Write them in one way, in payloads and where they are read; `rekindle check --database` warns of such parameters.
        The keys of `warm` are spelled as Postgres prints them.

        \(parameters)

        """
    }

    private static var values: String {
        table(
            ["type", "value", "JSON", "text, and field of a hash if it differs"],
            TypeExample.all.map { example in
                let lost = example.loses.map { " (does not tell \($0))" } ?? ""
                let hash = example.hash == example.text ? "" : "; \(code(example.hash))"
                return [example.type, code(example.sql), code(example.json) + lost, code(example.text) + hash]
            })
    }

    private static var parameters: String {
        table(
            ["type", "payload", "value", "in the key", "taken for"],
            ParameterExample.all.map { example in
                let start = [example.type, example.format, code(example.value)]
                switch example.fate {
                case .taken(let key, let json): return start + [code(key), code(json)]
                case .dropped: return start + ["the payload is dropped", ""]
                case .refused: return start + ["the key is dropped", ""]
                }
            })
    }

    private static func table(_ head: [String], _ rows: [[String]]) -> String {
        ([head, head.map { _ in "---" }] + rows).map { "| \($0.joined(separator: " | ")) |" }
            .joined(separator: "\n")
    }

    /// A text as code within a table; what can not be seen is spelled out.
    private static func code(_ text: String) -> String {
        if text.isEmpty { return "(empty)" }
        var shown = ""
        for letter in text.unicodeScalars {
            switch letter.value {
            case 0..<0x20, 0x7F, 0x300..<0x370, 0x2028, 0xFEFF: shown += "⟨\(String(letter.value, radix: 16))⟩"
            case 0x7C: shown += "\\|"
            default: shown.unicodeScalars.append(letter)
            }
        }
        return "`\(shown)`"
    }
}
