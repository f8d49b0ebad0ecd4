import Logging
import Reactor
import RefreshCore

extension Dispatcher {
    /// Notifications may be lost from now on.
    func gapOpened(_ cause: GapCause) {
        gaps.opened(cause, at: .now)
        if cause != .start { logger.warning("gap begins", metadata: ["cause": "\(cause.rawValue)"]) }
    }

    /// Events are complete again: every region is resynced.
    func gapEnded(_ cause: GapCause) {
        let now = Moment.now
        gaps.closed(cause, at: now)
        if cause != .start, sabotage.breaks(.resync) { return regionsRight() }
        resyncAll(at: now)
    }

    /// Redis is not what it was: every region is resynced.
    func redisLostData() {
        gapOpened(.redis)
        gapEnded(.redis)
    }

    /// Redis takes writes, or may do so again: what waited for that goes on.
    func redisAccepts() {
        onPassWanted()
        settle()
    }

    func overflowed(_ region: RegionID) {
        gapOpened(.overflow)
        gaps.closed(.overflow, at: .now)
        want(.resync, region)
    }

    private func resyncAll(at now: Moment) {
        for (index, region) in catalogue.regions.enumerated() where region != nil {
            queue.dirtyRunning(RegionID(index), at: now)
            want(.resync, RegionID(index))
        }
        if passes.isQuiet { regionsRight() }
    }

    /// Asks for a pass over a region.
    func want(_ kind: RegionPasses.Kind, _ region: RegionID) {
        if passes.want(kind, region) { onPassSuperseded(region) }
        onPassWanted()
    }

    /// Regions that a reload has changed are made right.
    func resync(_ names: [RegionName]) {
        let ids = names.compactMap { catalogue.region($0) }
        if ids.isEmpty { return }
        let now = Moment.now
        gaps.opened(.reload, at: now)
        gaps.closed(.reload, at: now)
        for id in ids {
            queue.dirtyRunning(id, at: now)
            want(.resync, id)
        }
    }

    /// A pass is over.
    func passEnded(_ region: RegionID, completed: Bool) {
        queue.endPass(region, completed: completed)
        passes.ended(region, completed: completed)
        if passes.isQuiet { regionsRight() }
        settleSoon()
    }

    private func regionsRight() {
        for gap in gaps.repaired(at: .now) {
            let length = gap.until.map { ($0 - gap.from).seconds } ?? 0
            logger.notice(
                "gap answered",
                metadata: [
                    "cause": "\(gap.cause.rawValue)", "seconds": "\(decimal(length, places: 3))",
                    "keys": "\(gap.keys)",
                ])
        }
        if !gaps.gaps.contains(where: { $0.cause == .start && $0.until == nil }) { hasWarmed = true }
        onActivity()
    }
}
