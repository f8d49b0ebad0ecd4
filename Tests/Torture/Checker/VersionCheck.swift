/// Decides G1 and G2 of one sequence of sightings: the write log, or what one reader saw.
///
/// Each value must be whole and of one snapshot, and no older than any value that its key had before, deletions
/// aside. In the end the newest value of each list must be a prefix of the list as the database has it.
struct VersionCheck {
    private struct Newest {
        var value: CachedValue
        var sighting: Sighting
    }

    private var newest: [String: Newest] = [:]
    /// What was found, at most so many.
    private(set) var violations: [Violation] = []
    /// How many sightings were looked at.
    private(set) var count = 0
    private static let most = 20

    /// Looks at the next sighting.
    mutating func see(_ sighting: Sighting) {
        count += 1
        guard violations.count < Self.most else { return }
        guard let value = CachedValue(sighting.value, of: sighting.key) else {
            return found(.authentic, "The value is no result of the key's query.", [sighting])
        }
        if let fault = Self.fault(of: value, key: sighting.key) { return found(.authentic, fault, [sighting]) }
        guard let before = newest[sighting.key] else {
            newest[sighting.key] = Newest(value: value, sighting: sighting)
            return
        }
        switch Self.compare(before.value, value) {
        case .same: break
        case .newer: newest[sighting.key] = Newest(value: value, sighting: sighting)
        case .older: found(.monotone, "An older value has replaced a newer one.", [before.sighting, sighting])
        case .strange:
            found(
                .authentic, "Neither of two values of a list is a prefix of the other, so that one was never true.",
                [before.sighting, sighting])
        }
    }

    /// Compares with the lists as they are in the end, the deleted ones as they were; their items as texts.
    mutating func finish(_ lists: [Int: [UInt8]]) {
        for (key, last) in newest.sorted(by: { $0.key < $1.key }) {
            guard case .rows(let rows) = last.value else { continue }
            for row in rows where row.id > Schema.fillers {
                guard let final = lists[row.id] else {
                    found(.authentic, "List \(row.id) of \(key) never was in the database.", [last.sighting])
                    continue
                }
                if !Self.isPrefix(row.items, of: final) {
                    found(
                        .authentic,
                        "List \(row.id) holds numbers that were never committed: in the end it is "
                            + "[\(String(decoding: final, as: UTF8.self))].", [last.sighting])
                }
            }
        }
    }

    private mutating func found(_ guarantee: Guarantee, _ what: String, _ sightings: [Sighting]) {
        guard violations.count < Self.most else { return }
        violations.append(Violation(guarantee: guarantee, what: what, history: sightings.map(\.line)))
    }

    /// Why a value can not be of one snapshot; nil when it can.
    private static func fault(of value: CachedValue, key: String) -> String? {
        guard case .rows(let rows) = value else { return nil }
        for row in rows where row.length != row.count {
            return "The list has \(row.length) numbers and its counter says \(row.count): half of an update."
        }
        if rows.count == 2, rows[0].items != rows[1].items {
            return "The two lists of the pair differ: one half of a transaction without the other."
        }
        return nil
    }

    private enum Order { case same, newer, older, strange }

    private static func compare(_ before: CachedValue, _ after: CachedValue) -> Order {
        switch (before, after) {
        case (.number(let before), .number(let after)):
            return before == after ? .same : before < after ? .newer : .older
        case (.rows(let before), .rows(let after)):
            guard let first = before.first, let second = after.first, before.count == after.count else {
                return .strange
            }
            if first.items == second.items { return .same }
            if isPrefix(first.items, of: second.items) { return .newer }
            return isPrefix(second.items, of: first.items) ? .older : .strange
        default: return .strange
        }
    }

    /// Whether a list of numbers, as text, is the beginning of another.
    static func isPrefix(_ short: [UInt8], of long: [UInt8]) -> Bool {
        guard !short.isEmpty else { return true }
        guard short.count <= long.count, long[..<short.count].elementsEqual(short) else { return false }
        return short.count == long.count || long[short.count] == UInt8(ascii: ",")
    }
}
