import RefreshCore

/// Makes the region of a `[regions.NAME]`.
enum RegionDecoder {
    /// Ten years: further away, Redis' clock arithmetic is of no use to anybody.
    private static let longestTTL: Int64 = 3_650 * 86_400_000

    /// What Redis has no limit for, its memory has: every key repeats the prefix.
    private static let longestPrefix = 512

    static func region(_ name: String, _ table: TableReader<RegionKey>) -> Region {
        let prefix = table.string(.prefix) ?? "\(name):"
        let mangler = ManglerDecoder.mangler(table)
        if prefix.isEmpty {
            if let mangler, mangler.shortest == 0 {
                table.warn(
                    .prefix, "is empty, so every key of Redis that is \(mangler.digest.noun) is taken for the region's")
            } else {
                table.fault(.prefix, "must not be empty, or the region would hold every key of Redis")
            }
        }
        if prefix.utf8.count > longestPrefix { table.fault(.prefix, "must be at most \(longestPrefix) bytes long") }
        let (ttl, isTTLKnown) = ttl(table)
        let format = table.choice(.format, of: ValueFormat.self) ?? .json
        let serializer = table.choice(.serializer, of: Serializer.self) ?? .json
        if table.has(.serializer), format != .dogpile { table.fault(.serializer, "needs format = \"dogpile\"") }
        return Region(
            name: RegionName(name), prefix: prefix, ttlMilliseconds: ttl, format: format,
            serializer: serializer, mangler: mangler, locks: LockDecoder.policy(table, format),
            onGap: onGap(table, isMangled: mangler != nil),
            largestValue: table.bytes(.maxValue, in: 1_024...Int64(Region.largestOfRedis))
                ?? Region.usualLargestValue,
            freshness: FreshnessDecoder.freshness(
                table, ttl: ttl, isTTLKnown: isTTLKnown, format: format, within: longestTTL))
    }

    /// Keys that were mangled are not refreshed by walking the region, for nobody can tell what they were.
    private static func onGap(_ table: TableReader<RegionKey>, isMangled: Bool) -> GapPolicy {
        let chosen = table.choice(.onGap, of: GapPolicy.self)
        if isMangled, chosen == .refresh {
            table.fault(
                .onGap,
                "can not be \"refresh\" with a mangler, as nobody can tell the parameters of a key that is a digest; "
                    + "leave it out, and give the queries a warm statement that fills the region again")
        }
        return chosen ?? (isMangled ? .delete : .refresh)
    }

    /// The expiry, nil for none; and whether it could be read.
    private static func ttl(_ table: TableReader<RegionKey>) -> (milliseconds: Int64?, isKnown: Bool) {
        if case .string("0") = table.value(.ttl)?.content { return (nil, true) }
        let milliseconds = table.milliseconds(.ttl, in: 0...longestTTL)
        return (milliseconds == 0 ? nil : milliseconds, milliseconds != nil || !table.has(.ttl))
    }

    /// Regions share no prefix; one prefix inside another is allowed, and worth a warning.
    static func checkPrefixes(_ regions: [Declared<Region>], faults: FaultList) {
        var owners: [[UInt8]: Declared<Region>] = [:]
        for region in regions {
            guard let prefix = region.value.map({ Array($0.prefix.utf8) }) else { continue }
            guard (0...longestPrefix).contains(prefix.count) else { continue }
            guard let owner = owners[prefix] else {
                owners[prefix] = region
                continue
            }
            faults.fault(
                region.place,
                "region \(region.name.quoted) has the same prefix as region \(owner.name.quoted) "
                    + "at \(owner.place.text); give each its own")
        }
        for (prefix, region) in owners where !prefix.isEmpty {
            for length in 1..<prefix.count {
                guard let outer = owners[Array(prefix.prefix(length))] else { continue }
                faults.warn(
                    region.place,
                    "the prefix of region \(region.name.quoted) begins with that of region "
                        + "\(outer.name.quoted), so what deletes all keys of that one deletes these too")
            }
        }
    }
}
