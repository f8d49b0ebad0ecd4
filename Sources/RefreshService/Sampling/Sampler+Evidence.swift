import Reactor
import Redis
import RefreshCore

extension Sampler {
    /// How long a nonce may take before nothing is proven by it.
    private static let patience = Duration.seconds(5)

    /// Looks at a suspect so that nothing can be on the way to it unseen; nil when the value is gone.
    ///
    /// 1. The key is watched: the queue notes whether it is stored from now on.
    /// 2. The query runs, and a nonce follows: once it is back, every notification has come of what the query saw.
    /// 3. The value is read, and the query runs again. If both runs gave the same and nothing came for the key, the
    ///    database has said the same since step 2, told nobody of a change, and the value is another.
    func evidence(
        _ reads: SampleReads, _ session: QuerySession, _ connection: RedisConnection
    ) async throws -> SampleBook.Evidence? {
        let (sample, limit) = (reads.sample, settings.current.answerTimeout)
        var evidence = SampleBook.Evidence()
        let passed = dispatcher.counters.passKeys
        dispatcher.keeper.queue.watch(sample.key, in: sample.region)
        defer { dispatcher.keeper.queue.watch(nil, in: sample.region) }

        let before = try await reads.asked(session, plans, within: limit)
        evidence.isYoung = try await !feedIsProven()
        let cached = try await cached(reads, connection)
        if cached.image == .absent { return nil }
        let after = try await reads.asked(session, plans, within: limit)
        evidence.isSteady = before == after
        evidence.isSame = cached.image == after
        if !evidence.isSame, evidence.isSteady {
            evidence.isSameInBulk = try await reads.asked(session, plans, within: limit, batched: true) == cached.image
        }
        if !evidence.isSteady {
            evidence.isSteadyAtOnce = try await reads.asked(session, plans, within: limit) == after
        }
        let keeper = (dispatcher.keeper.role, dispatcher.keeper.gaps.isOpen)
        if !dispatcher.keeper.queue.isUntouched(sample.key, in: sample.region) || keeper != (.owner, false)
            || dispatcher.keeper.passes.isPending(sample.region) || dispatcher.counters.passKeys != passed
        {
            evidence.isYoung = true
        }
        return evidence
    }

    /// Waits until all has come that was committed before now; tells whether it has.
    private func feedIsProven() async throws -> Bool {
        let passed = Waiter<Void>()
        // Far from the numbers of clients, which count from 1.
        let call = UInt64.max
        barrier.pass(call) { passed.give(()) }
        defer { barrier.forget(call) }
        do throws(WaitError) {
            try await passed.wait(timeout: Self.patience)
            return true
        } catch .timedOut {
            return false
        }
    }
}
