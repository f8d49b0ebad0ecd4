/// A transaction of a writer: its statements, and what the checks need to know of it.
struct Transaction: Sendable {
    /// The statements, without BEGIN and COMMIT.
    var statements: [String] = []
    /// The number that it appends; nil when it appends none.
    var number: Int?
    /// The channel of each notification that it sends.
    var channels: [String] = []
    /// Whether it ends with COMMIT.
    var commits = true

    /// Appends a number to lists, in ascending order so that writers do not deadlock, and bumps a counter.
    static func append(_ number: Int, to lists: [Int], pair: Int? = nil, counter: Int) -> Transaction {
        var made = Transaction(number: number)
        for list in lists.sorted() {
            let pairText = pair.map(String.init) ?? "NULL"
            made.statements.append(
                """
                INSERT INTO lists VALUES (\(list), \(pairText), '{\(number)}', 1) ON CONFLICT (id) DO UPDATE \
                SET items = lists.items || \(number), n = lists.n + 1
                """)
            if pair == nil {
                made.statements.append("INSERT INTO owners VALUES (\(list), 'owner of \(list)') ON CONFLICT DO NOTHING")
            }
            made.notify("lists_changed", "{\"id\":\(list),\"number\":\(number)}")
        }
        if let pair { made.notify("pairs_changed", "\(pair)") }
        made.statements.append("UPDATE counters SET n = n + 1 WHERE id = \(counter)")
        made.channels.append("counters_changed")
        made.notify("counter_changed", "\(counter),\(number)")
        return made
    }

    /// Deletes a list that is full, and keeps what it was for the checks.
    static func bury(_ list: Int) -> Transaction {
        var made = Transaction()
        made.statements.append(
            """
            WITH gone AS (DELETE FROM lists WHERE id = \(list) RETURNING *) INSERT INTO graves SELECT * FROM gone
            """)
        made.notify("lists_changed", "{\"id\":\(list)}")
        return made
    }

    /// Changes a page, and either refreshes or deletes its keys.
    static func page(_ page: Int, lives: Bool) -> Transaction {
        var made = Transaction()
        made.statements.append("UPDATE pages SET n = n + 1, live = \(lives) WHERE id = \(page)")
        if lives {
            made.notify("pages_changed", "\(page),x")
        } else {
            made.notify("pages_gone", "\(page),x")
        }
        return made
    }

    /// Deletes every key of a region.
    static func purge() -> Transaction {
        var made = Transaction()
        made.notify("all_gone", "now")
        return made
    }

    private mutating func notify(_ channel: String, _ payload: String) {
        statements.append("SELECT pg_notify('\(channel)', '\(payload)')")
        channels.append(channel)
    }
}
