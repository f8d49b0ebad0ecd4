import BasicContainers

/// What those ask who refresh before they must, and have no part in the turns of events.
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
}
