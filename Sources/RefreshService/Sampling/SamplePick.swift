import Reactor
import Redis
import RefreshCore

/// Takes a random key of a region: SCAN from a random place, so that Redis looks at a few keys and not at all.
@Loop
struct SamplePick {
    let dispatcher: Dispatcher
    let connection: RedisConnection

    /// How many keys the server looks at in the first page; each further one has twice as many.
    private static let firstPage = 8
    /// After this many pages a region is taken to have no key.
    private static let mostPages = 9

    /// A random key of a random region; nil when none was found.
    func next() async throws -> SampleBook.Case? {
        let regions = dispatcher.catalogue.regions.indices.map { RegionID($0) }.filter { region in
            dispatcher.catalogue.regions[region.index] != nil
                && !dispatcher.catalogue.queriesOfRegion[region.index].isEmpty
                && !dispatcher.keeper.passes.isPending(region)
        }
        guard let id = regions.randomElement(), let region = dispatcher.catalogue.regions[id.index] else { return nil }
        let pattern = GlobPattern(prefix: region.prefix.utf8)
        var cursor = UInt64.random(in: 1 ... .max)
        for page in 0..<Self.mostPages {
            let found = try await connection.scanStep(cursor: cursor, match: pattern, count: Self.firstPage << page)
            if let sample = found.keys.shuffled().lazy.compactMap({ sample($0, id, region) }).first { return sample }
            cursor = found.cursor
        }
        return nil
    }

    private func sample(_ name: [UInt8], _ id: RegionID, _ region: Region) -> SampleBook.Case? {
        guard dispatcher.catalogue.owner(of: name) == id else { return nil }
        let key = Bytes(Array(name.dropFirst(region.prefix.utf8.count)))
        guard let maker = dispatcher.router.maker(of: key, in: id) else { return nil }
        return SampleBook.Case(region: id, key: key, query: maker.query, parameters: maker.parameters)
    }
}
