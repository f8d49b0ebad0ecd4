public import Reactor

extension RedisConnection {
    /// One page of a scan: where the next page begins, 0 after the last, and the keys of this one.
    public struct ScanPage: Sendable {
        /// The next page's cursor; 0 when there is none.
        public let cursor: UInt64
        /// The keys of this page; may be none, and a key may come in several pages.
        public let keys: [[UInt8]]
    }

    /// Reads one page of the keys that match a pattern, beginning with cursor 0.
    ///
    /// `count` is how many keys the server looks at, not how many it finds; 1,000 holds it for less than a millisecond.
    public func scanStep(
        cursor: UInt64, match pattern: GlobPattern, count: Int = 1000
    ) async throws(RedisError) -> ScanPage {
        let reply = try await command(arguments: 6) { writer in
            writer.append("SCAN")
            writer.append(cursor)
            writer.append("MATCH")
            writer.append(pattern.bytes)
            writer.append("COUNT")
            writer.append(max(1, count))
        }
        guard case .array(let parts) = reply, parts.count == 2, let text = parts[0].text, let next = UInt64(text),
            case .array(let keys) = parts[1]
        else { throw RedisError(.unexpectedReply, at: place, "SCAN gave no page") }
        return ScanPage(cursor: next, keys: keys.compactMap(\.bytes))
    }

    /// Reads the keys that match a pattern page by page.
    public func scan(match pattern: GlobPattern, count: Int = 1000) -> KeyScan {
        KeyScan(self, pattern, count)
    }
}

/// The keys that match a pattern, a page at a time: `while let keys = try await scan.next() { … }`.
///
/// Keys that exist from beginning to end are seen at least once; a key may be seen more than once.
@Loop
public struct KeyScan {
    private let connection: RedisConnection
    private let pattern: GlobPattern
    private let count: Int
    private var cursor: UInt64?

    init(_ connection: RedisConnection, _ pattern: GlobPattern, _ count: Int) {
        self.connection = connection
        self.pattern = pattern
        self.count = count
        self.cursor = 0
    }

    /// The next page's keys, never an empty page; nil after the last.
    public mutating func next() async throws(RedisError) -> [[UInt8]]? {
        while let from = cursor {
            let page = try await connection.scanStep(cursor: from, match: pattern, count: count)
            cursor = page.cursor == 0 ? nil : page.cursor
            if !page.keys.isEmpty { return page.keys }
        }
        return nil
    }
}
