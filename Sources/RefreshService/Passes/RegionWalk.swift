import Reactor
import Redis
import RefreshCore

/// Walks the keys that a region has in Redis, page by page, so that Redis is never held for long.
@Loop
struct RegionWalk {
    private let runner: PassRunner
    private let id: RegionID
    private let region: Region
    private let prefix: Int
    /// Redis looks at so many keys a page.
    private static let page = 512

    init(_ runner: PassRunner, _ id: RegionID, _ region: Region) {
        self.runner = runner
        self.id = id
        self.region = region
        prefix = region.prefix.utf8.count
    }

    /// Asks for a refresh of every key, and deletes those that no query of the region could have made.
    ///
    /// Returns when all are asked for; the event of that number is due when they are done.
    func refreshAll(event number: UInt64) async throws {
        let dispatcher = runner.dispatcher
        let event = begin(number)
        defer { seal(event) }
        askForSingleKeys(event)
        var hasAskedForPlans = false
        try await forEachPage { keys in
            if !hasAskedForPlans { try await runner.planQueries(of: id) }
            hasAskedForPlans = true
            var strangers: [Bytes] = []
            for key in keys {
                if let (query, parameters) = dispatcher.router.maker(of: key, in: id) {
                    dispatcher.keeper.queue.refresh(query, key: key, parameters: parameters, event: event, at: .now)
                } else {
                    strangers.append(key)
                }
            }
            runner.advance(id, keys: keys.count - strangers.count)
            try await delete(strangers)
            await dispatcher.calm()
        }
    }

    /// Asks for the keys of the queries that have only one; the event of that number is due when they are done.
    func fillSingleKeys(event number: UInt64) {
        let event = begin(number)
        askForSingleKeys(event)
        seal(event)
    }

    private func begin(_ number: UInt64) -> EventID? {
        runner.dispatcher.keeper.queue.begin(Event(purpose: .pass(id), payload: .empty, sequence: number, seen: .now))
    }

    private func seal(_ event: EventID?) {
        if let event { runner.dispatcher.keeper.queue.seal(event) }
        runner.dispatcher.settleSoon()
    }

    /// A query without parameters has one key, which is filled whether it exists or not.
    private func askForSingleKeys(_ event: EventID?) {
        let dispatcher = runner.dispatcher
        for id in dispatcher.catalogue.queriesOfRegion[id.index] {
            guard let query = dispatcher.catalogue.queries[id.index], query.parameters.isEmpty else { continue }
            let key = region.name(of: query.key.key([]))
            dispatcher.keeper.queue.refresh(id, key: key, parameters: .empty, event: event, at: .now)
        }
    }

    /// Deletes every key that nothing newer is known of.
    func deleteAll() async throws {
        try await forEachPage { keys in try await delete(keys) }
    }

    /// Deletes every key that is not among these and that nothing newer is known of.
    func deleteAll(but seen: SeenKeys) async throws {
        try await forEachPage { keys in try await delete(keys.filter { !seen.contains($0) }) }
    }

    private func forEachPage(_ body: ([Bytes]) async throws -> Void) async throws {
        let pattern = GlobPattern(prefix: region.prefix.utf8)
        let ours = Fence.keys(of: runner.settings.current.name).map { Array($0.utf8) }
        var cursor: UInt64 = 0
        repeat {
            guard runner.mayContinue(id) else { throw PassError.superseded }
            guard let connection = runner.link.connection else { throw PassError.redisAway }
            let page = try await connection.scanStep(cursor: cursor, match: pattern, count: Self.page)
            let own = page.keys.filter { !ours.contains($0) && runner.dispatcher.catalogue.owner(of: $0) == id }
            if !own.isEmpty { try await body(own.map { Bytes(Array($0.dropFirst(prefix))) }) }
            cursor = page.cursor
        } while cursor != 0
    }

    private func delete(_ keys: [Bytes]) async throws {
        let keys = keys.filter { runner.dispatcher.keeper.queue.admits($0, in: id) }
        if keys.isEmpty { return }
        let request = StoreRequest(
            region: region, keys: keys, fates: Array(repeating: .delete, count: keys.count), answers: nil,
            messages: { _, _ in })
        let done = Waiter<Bool>()
        runner.writer.write(request) { done.give($0) }
        guard try await done.wait() else { throw PassError.notStored }
        runner.dispatcher.counters.deleted[id.index] += UInt64(keys.count)
        runner.advance(id, keys: keys.count)
    }
}

/// Why a pass ended before its end.
enum PassError: Error, CustomStringConvertible {
    case superseded
    case redisAway
    case notStored
    case overflow

    var description: String {
        switch self {
        case .superseded: "an invalidation of the region took its place"
        case .redisAway: "Redis is away; the pass begins again when it is back"
        case .notStored: "Redis did not take a write; the pass begins again"
        case .overflow: "too many keys changed during the pass; it begins again"
        }
    }
}
