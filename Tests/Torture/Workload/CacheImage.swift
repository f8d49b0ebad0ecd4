import TestDaemon
import TestServers

/// The cache as a whole: as it should be, asked of the database, and as it is, asked of Redis.
enum CacheImage {
    /// Every key that may be there, by the daemon's queries run by psql.
    static func expected(_ postgres: PostgresServer, url: String) throws -> [String: ConvergenceCheck.Expected] {
        var keys: [String: ConvergenceCheck.Expected] = [:]
        for line in try postgres.sql(Schema.expected, url: url).utf8.split(separator: UInt8(ascii: "\n")) {
            guard let tab = line.firstIndex(of: 9), let mark = line.first else { throw Trouble("No key: \(line)") }
            let key = String(decoding: line[line.index(after: line.startIndex)..<tab], as: UTF8.self)
            keys[key] = .init(
                value: Array(line[line.index(after: tab)...]), isRequired: mark == UInt8(ascii: "!"))
        }
        return keys
    }

    /// Every key that is there, aside from those of the daemon itself and of a region that only reloads know.
    static func found(path: String) throws -> [String: [UInt8]] {
        let client = try RedisClient(path: path)
        var keys: [String] = []
        for key in try client.command("KEYS", "*").list {
            if let text = key.text, !text.hasPrefix("rekindle:"), !text.hasPrefix("more:") { keys.append(text) }
        }
        var values: [String: [UInt8]] = [:]
        for start in stride(from: 0, to: keys.count, by: 1000) {
            let part = Array(keys[start..<min(start + 1000, keys.count)])
            try client.send(["MGET"] + part)
            for (key, value) in zip(part, try client.next().list) {
                if let text = value.text { values[key] = Array(text.utf8) }
            }
        }
        return values
    }

    /// Every list there ever was: its items as the database has them, or had them when it was deleted.
    static func finalLists(_ postgres: PostgresServer, url: String) throws -> [Int: [UInt8]] {
        var lists: [Int: [UInt8]] = [:]
        for line in try postgres.sql(Schema.finalLists, url: url).utf8.split(separator: UInt8(ascii: "\n")) {
            guard let tab = line.firstIndex(of: 9), let id = Int(String(decoding: line[..<tab], as: UTF8.self)) else {
                throw Trouble("No list: \(line)")
            }
            lists[id] = Array(line[line.index(after: tab)...])
        }
        return lists
    }
}
