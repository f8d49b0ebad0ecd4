import BasicContainers

/// What those ask who look at keys that no event names.
extension RefreshQueue {
    /// Whether something is to be done with the key, is done now, or pauses after a fault.
    public func holds(_ key: Bytes, in region: RegionID) -> Bool {
        entry(of: key, in: region, hash: key.hash(secret: secret)) != nil
    }

    /// Whether keys wait that are to be refreshed or deleted as soon as may be.
    public var isBusy: Bool {
        turns.lanes.contains { lanes[$0].hasWork && lanes[$0].suspendedUntil == nil }
            || deletionTurns.lanes.contains { lanes[$0].hasWork }
    }

    /// Watches a key of a region, in place of one before; nil ends it.
    public mutating func watch(_ key: Bytes?, in region: RegionID) { passes[region.index].watch(key) }

    /// Whether a watched key was left alone since: nothing was asked for it that is done, dropped or still to do.
    public func isUntouched(_ key: Bytes, in region: RegionID) -> Bool {
        passes[region.index].isUntouched(key) && !holds(key, in: region)
    }
}
