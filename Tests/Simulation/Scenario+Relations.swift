import RefreshCore

/// What ties the rows of a site: families change together, and parts are used by items.
///
/// Of four seeds one has neither, one families, one parts and one both. It is drawn apart from the events, so that
/// a seed without them is the run that it always was.
extension Scenario {
    mutating func relate() {
        var chance = Chance(seed: seed ^ 0x7E1A)
        let kind = seed % 4
        if kind < 2 { families = Self.families(&chance) }
        let loose = (0..<Site.items).filter { row in !families.contains { $0.contains(row) } }
        if kind == 0 || kind == 3, !loose.isEmpty {
            parts = (0..<Site.parts).map { _ in Self.some(of: loose, &chance) }
        }
        if kind == 2 { return }
        for place in events.indices {
            guard case .write(var write) = events[place].event else { continue }
            if !parts.isEmpty, write.tells == .refresh, chance.percent(35) {
                write.part = Part(
                    number: chance.pick(parts.count),
                    users: chance.percent(40) ? Self.some(of: loose, &chance) : nil)
                write.rows = []
            } else {
                close(&write)
            }
            if kind < 2 { decideTogether(&write, &chance) }
            events[place].event = .write(write)
        }
    }

    /// One or two families of two or three rows, of any queries and regions.
    private static func families(_ chance: inout Chance) -> [[Int]] {
        var rows = Array(0..<Site.rows)
        return (0...chance.pick(2)).map { _ in
            (0..<2 + chance.pick(2)).map { _ in rows.remove(at: chance.pick(rows.count)) }.sorted()
        }
    }

    private static func some(of rows: [Int], _ chance: inout Chance) -> [Int] {
        rows.filter { _ in chance.percent(40) }
    }

    /// Who changes one row of a family changes all.
    private func close(_ write: inout Write) {
        for family in families where family.contains(where: { write.rows.contains($0) }) {
            write.rows += family.filter { !write.rows.contains($0) }
        }
    }

    /// Families are told of together always, other rows sometimes: groups that share keys in part.
    private func decideTogether(_ write: inout Write, _ chance: inout Chance) {
        let isFamily = families.contains { family in write.rows.contains { family.contains($0) } }
        write.isTogether = isFamily || chance.percent(50)
    }
}
