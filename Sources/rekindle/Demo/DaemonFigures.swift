/// What the daemon has counted of itself until a moment, read from `/metrics`.
struct DaemonFigures: Sendable {
    /// When it was read, in nanoseconds of the loop's clock.
    var time: Int64 = 0
    var events = 0
    /// Keys stored or deleted.
    var refreshes = 0
    var coalesced = 0
    var batches = 0
    var batchedKeys = 0
    var published = 0
    var queued = 0
    var parked = 0
    var gaps = 0
    var isHealthy = false

    /// An empty one, for a moment at which nothing was counted.
    init() {}

    /// Adds up the samples of each name; what is not known is passed over.
    init(metrics: [UInt8], at time: Int64) {
        self.time = time
        for line in metrics.split(separator: UInt8(ascii: "\n")) {
            guard line.first != UInt8(ascii: "#"), let space = line.lastIndex(of: UInt8(ascii: " ")) else { continue }
            let name = line.prefix { $0 != UInt8(ascii: "{") && $0 != UInt8(ascii: " ") }
            guard let number = Double(String(decoding: line[(space + 1)...], as: UTF8.self)),
                let value = Int(exactly: number.rounded())
            else { continue }
            add(String(decoding: name, as: UTF8.self), value)
        }
    }

    private mutating func add(_ name: String, _ value: Int) {
        switch name {
        case "rekindle_notifications_total": events += value
        case "rekindle_stored_total", "rekindle_deleted_total": refreshes += value
        case "rekindle_coalesced_total": coalesced += value
        case "rekindle_batch_keys_count": batches += value
        case "rekindle_batch_keys_sum": batchedKeys += value
        case "rekindle_messages_published_total": published += value
        case "rekindle_queue_keys": queued += value
        case "rekindle_parked_keys": parked += value
        case "rekindle_gaps_total": gaps += value
        case "rekindle_healthy": isHealthy = value == 1
        default: break
        }
    }

    /// What came to the counts since `earlier`; what is no count stays as it is.
    func since(_ earlier: DaemonFigures) -> DaemonFigures {
        var difference = self
        difference.time -= earlier.time
        difference.events -= earlier.events
        difference.refreshes -= earlier.refreshes
        difference.coalesced -= earlier.coalesced
        difference.batches -= earlier.batches
        difference.batchedKeys -= earlier.batchedKeys
        difference.published -= earlier.published
        difference.gaps -= earlier.gaps
        return difference
    }

    var seconds: Double { Double(time) / 1e9 }
    func rate(_ count: Int) -> Double { time > 0 ? Double(count) / seconds : 0 }
    /// Keys a statement.
    var batchSize: Double { batches > 0 ? Double(batchedKeys) / Double(batches) : 0 }
}
