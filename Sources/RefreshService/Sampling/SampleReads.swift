import Postgres
import Reactor
import Redis
import RefreshCore

/// Reads both sides of a comparison: what stands under a key, and what its query says.
@Loop
struct SampleReads {
    /// What stands under a key.
    struct Cached {
        var image = CachedImage.absent
        /// Nil when it can not be known.
        var age: Moment.Span?
        /// For how long nobody had touched it, in seconds, where that was asked.
        var idleSeconds: Int64?
        var failure: RedisError?
    }

    let sample: SampleBook.Case
    let region: Region

    // MARK: Redis

    /// What stands under the key; its idle time, which reading it ends, is asked before where readers are counted.
    func cached(_ connection: RedisConnection, asksIdleTime: Bool) async throws -> Cached {
        let found = Found()
        let key = Array(region.prefix.utf8) + sample.key.array
        if asksIdleTime { send(connection, ["OBJECT", "IDLETIME"], key) { found.cached.idleSeconds = $0.integer } }
        var left: Int64?
        if case .expiry = region.clock { send(connection, ["PTTL"], key) { left = $0.integer } }
        send(connection, [region.format == .hash ? "HGETALL" : "GET"], key) { reply in
            found.take(reply, region)
        }
        _ = try await connection.command("PING")
        if let failure = found.cached.failure { throw failure }
        if case .expiry(let ttl) = region.clock, let left {
            found.cached.age = ValueAge.age(ttlMilliseconds: ttl, left: left)
        }
        return found.cached
    }

    private func send(
        _ connection: RedisConnection, _ words: [String], _ key: [UInt8],
        reply: @escaping RedisConnection.ReplyClosure
    ) {
        connection.send(
            arguments: words.count + 1,
            { writer in
                for word in words { writer.append(word) }
                writer.append(key)
            }, reply: reply)
    }

    @Loop
    private final class Found {
        var cached = Cached()

        func take(_ reply: borrowing RedisReply, _ region: Region) {
            if let error = reply.error {
                if error.kind == .wrongType { cached.image = .foreign } else { cached.failure = error }
                return
            }
            if let bytes = unsafe reply.withBytes({ unsafe [UInt8]($0) }) {
                cached.image = .value(ReadForm.bare(bytes, region.format))
                if region.clock == .metadata {
                    cached.age = ValueAge.age(
                        head: Array(bytes.prefix(ValueAge.headBytes)), clock: WallClock.microseconds)
                }
                return
            }
            var fields: [CachedImage.Field] = []
            for place in stride(from: 0, to: (reply.elementCount ?? 0) - 1, by: 2) {
                fields.append(.init(name: element(reply, place), value: element(reply, place + 1)))
            }
            cached.image = CachedImage(fields: fields)
        }

        private func element(_ reply: borrowing RedisReply, _ place: Int) -> [UInt8] {
            (reply.withElement(place) { element in unsafe element.withBytes { unsafe [UInt8]($0) } } ?? nil) ?? []
        }
    }

    // MARK: Postgres

    /// What the query says; `batched` runs it in the form that does many keys.
    func asked(
        _ session: QuerySession, _ plans: PlanBook, within limit: Duration, batched: Bool = false
    ) async throws(PlanFault) -> CachedImage {
        let plan = try await plans.plan(sample.query, on: session.connection)
        let answers = Answers(items: 1, of: plan)
        do throws(PostgresError) {
            if batched, plan.form == .batched, !plan.types.isEmpty {
                answers.take(batched: try await session.runBatched(plan, sample.parameters, within: limit))
            } else {
                answers.take(try await session.run(plan, sample.parameters, within: limit), for: 0)
            }
        } catch {
            throw .server(error)
        }
        // What is too large to be stored is refreshed in place of this, and parked.
        if answers.fault(of: 0) != nil { return .absent }
        if answers.isMissing(0) {
            return plan.query.missing == .null ? .value(region.null) : .absent
        }
        guard plan.statement.layout == .fields else {
            return unsafe .value(answers.withValue(0) { unsafe [UInt8]($0) })
        }
        var fields: [CachedImage.Field] = []
        unsafe answers.forEachField(0) { name, value in
            unsafe fields.append(.init(name: Array(name.utf8), value: [UInt8](value)))
        }
        return CachedImage(fields: fields)
    }
}
