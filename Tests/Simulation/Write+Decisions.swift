import RefreshCore

extension Scenario.Write {
    /// What the router would make of its notification.
    var decisions: [Router.Decision] {
        let front = rows.contains { $0 < Site.items } ? [Site.front] : []
        switch tells {
        case .refresh:
            if let part {
                let resolve = Router.Decision.refresh(
                    Site.resolver, key: Site.name(ofPart: part.number), parameters: Bytes("\(part.number)"))
                return [resolve] + (part.gone + front).map(Self.refresh)
            }
            return (rows + front).map(Self.refresh)
        case .invalidate:
            // The front page is made of all items: it is refreshed.
            return rows.map { .invalidate(Site.region(of: $0), key: Site.names[$0]) } + front.map(Self.refresh)
        case .wholeTable:
            var regions: [RegionID] = []
            for row in rows where !regions.contains(Site.region(of: row)) { regions.append(Site.region(of: row)) }
            return regions.map { .resync($0) } + front.map(Self.refresh)
        case .purge:
            let emptied = Site.region(of: rows[0])
            let others = (rows + front).filter { Site.region(of: $0) != emptied }
            return [.invalidateAll(emptied)] + others.map(Self.refresh)
        }
    }

    private static func refresh(_ key: Int) -> Router.Decision {
        .refresh(Site.query(of: key), key: Site.names[key], parameters: Site.parameters(of: key))
    }
}
