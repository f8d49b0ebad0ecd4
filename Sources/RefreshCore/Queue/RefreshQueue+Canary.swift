extension RefreshQueue {
    /// A nonce is to go the way of a refresh, before what waits; one that waits already is replaced.
    public mutating func canary(_ number: UInt64) { waitingCanary = number }

    mutating func takeCanary(at now: Moment) -> Batch? {
        guard !runsCanary, let number = waitingCanary else { return nil }
        waitingCanary = nil
        runsCanary = true
        lastBatch += 1
        let batch = Batch(
            number: lastBatch, work: .canary(number), region: RegionID(0), items: [], started: now)
        running[lastBatch] = batch
        return batch
    }

    /// A nonce that did not come through makes room for a later one: there is always another soon.
    mutating func finishCanary(_ batch: Batch, _ outcome: BatchOutcome) { runsCanary = false }
}
