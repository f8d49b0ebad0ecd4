import RefreshCore

/// What the daemon counts of itself since it started; the queue counts on its own.
struct Counters {
    /// Notifications, by channel; and those dropped because their payload did not fit.
    var notifications: [UInt64] = []
    var badPayloads: [UInt64] = []
    /// Markers of whole tables, by channel.
    var wholeTables: [UInt64] = []
    /// Notifications of channels that nobody registered.
    var unknownNotifications: UInt64 = 0

    /// Keys, by region.
    var stored: [UInt64] = []
    var deleted: [UInt64] = []
    /// Keys whose locks readers held for too long, by region.
    var locksLetGo: [UInt64] = []
    /// From an event's arrival until its key was stored, by region.
    var latency: [Histogram] = []

    /// Keys refreshed before they were stale, by region.
    var refreshedAhead: [UInt64] = []

    /// What became of reads, by region.
    var reads: [[String: UInt64]] = []

    /// Statements that failed, by query.
    var failures: [UInt64] = []
    /// Keys given up because their parameters are no values of their types, by query.
    var unfit: [UInt64] = []
    var statements: UInt64 = 0
    var batchSize = Histogram.batchSize

    var published: UInt64 = 0
    var publishFailures: UInt64 = 0
    /// Messages given up because Redis was away too long.
    var publishDropped: UInt64 = 0

    var listenerConnects: UInt64 = 0
    var redisConnects: UInt64 = 0
    var workerConnects: UInt64 = 0
    var reloads: UInt64 = 0
    var refusedReloads: UInt64 = 0
    /// Keys that passes have written, asked for or deleted.
    var passKeys: UInt64 = 0

    /// Makes room for the regions, queries and channels of a catalogue.
    mutating func adopt(_ catalogue: Catalogue) {
        func grow<Element>(_ list: inout [Element], _ count: Int, _ element: Element) {
            while list.count < count { list.append(element) }
        }
        grow(&notifications, catalogue.channels.count, 0)
        grow(&badPayloads, catalogue.channels.count, 0)
        grow(&wholeTables, catalogue.channels.count, 0)
        grow(&stored, catalogue.regions.count, 0)
        grow(&deleted, catalogue.regions.count, 0)
        grow(&refreshedAhead, catalogue.regions.count, 0)
        grow(&reads, catalogue.regions.count, [:])
        grow(&locksLetGo, catalogue.regions.count, 0)
        grow(&latency, catalogue.regions.count, .latency)
        grow(&failures, catalogue.queries.count, 0)
        grow(&unfit, catalogue.queries.count, 0)
    }
}
