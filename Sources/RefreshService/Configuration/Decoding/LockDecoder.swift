import RefreshCore

/// Makes the lock policy of a region's `locks` and the keys that go with it.
enum LockDecoder {
    /// What dogpile.cache takes for a prefix, and what it uses without one.
    private static let usualPrefix = "_lock"
    private static let usualTimeout: Int64 = 30_000

    /// The policy; nil when locks are not cared for.
    static func policy(_ table: TableReader<RegionKey>, _ format: ValueFormat) -> LockPolicy? {
        let isOn = table.truth(.locks) ?? false
        if isOn, format != .dogpile { table.fault(.locks, "needs format = \"dogpile\"") }
        let prefix = table.parsed(.lockPrefix, by: checked) ?? usualPrefix
        let timeout = table.milliseconds(.lockTimeout, in: 1_000...3_600_000) ?? usualTimeout
        let patience = table.milliseconds(.lockPatience, in: 0...3_600_000) ?? 60_000
        if !isOn {
            for key in [RegionKey.lockPrefix, .lockTimeout, .lockPatience] where table.has(key) {
                table.fault(key, "needs locks = true")
            }
        }
        return isOn
            ? LockPolicy(prefix: prefix, timeoutMilliseconds: timeout, patience: .milliseconds(patience)) : nil
    }

    private static func checked(_ prefix: String) throws(Complaint) -> String {
        let isPlain = prefix.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || "_-.:".contains($0)) }
        guard isPlain, (2...10).contains(prefix.utf8.count) else {
            throw Complaint("must be 2 to 10 letters, digits or characters of _-.:, as dogpile.cache takes it")
        }
        return prefix
    }

    /// A statement that outlives its lock lets a reader compute beside it.
    static func check(_ regions: [Declared<Region>], statementTimeout: Duration, faults: FaultList) {
        for region in regions {
            guard let policy = region.value?.locks else { continue }
            guard Duration.milliseconds(policy.timeoutMilliseconds) < statementTimeout else { continue }
            faults.warn(
                region.place,
                "lock_timeout of region \(region.name.quoted) is shorter than statement_timeout of [postgres], so a "
                    + "refresh may outlive its lock")
        }
    }
}
