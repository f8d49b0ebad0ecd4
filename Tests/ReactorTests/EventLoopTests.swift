import Glibc
import Reactor
import TestSupport
import Testing

@Suite struct EventLoopTests {
    init() { LoopThread.started }

    @Loop @Test func aTimerFiresInOrder() async throws {
        let fired = Waiter<Int>()
        var order: [Int] = []
        let late = TimerSource {
            order.append(2)
            fired.give(2)
        }
        let early = TimerSource { order.append(1) }
        late.arm(after: .milliseconds(300))
        early.arm(after: .milliseconds(1))
        _ = try await fired.wait(timeout: .seconds(5))
        #expect(order == [1, 2])
    }

    @Loop @Test func aTimerArmedLaterDoesNotFireEarly() async throws {
        let fired = Waiter<Int64>()
        let timer = TimerSource { fired.give(EventLoop.now) }
        let start = EventLoop.now
        timer.arm(after: .milliseconds(1))
        timer.arm(after: .milliseconds(30))
        let at = try await fired.wait(timeout: .seconds(5))
        #expect(at - start >= 30_000_000)
    }

    @Loop @Test func aDescriptorWakesTheLoop() async throws {
        var ends: [Int32] = [0, 0]
        #expect(pipe(&ends) == 0)
        let readable = Waiter<Readiness>()
        let source = try DescriptorSource(ends[0], for: .readable) { readable.give($0) }
        _ = write(ends[1], "x", 1)
        #expect(try await readable.wait(timeout: .seconds(5)).contains(.readable))
        source.cancel()
        close(ends[0])
        close(ends[1])
    }

    @Loop @Test func aWaitTimesOutAndIsCancelled() async {
        let waiter = Waiter<Void>()
        await #expect(throws: WaitError.timedOut) { try await waiter.wait(timeout: .milliseconds(5)) }
        await #expect(throws: WaitError.cancelled) {
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { try await Waiter<Void>().wait() }
                group.cancelAll()
                try await group.next()
            }
        }
    }

    @Loop @Test func aValueGivenEarlyIsKept() async throws {
        let waiter = Waiter<Int>()
        waiter.give(7)
        #expect(try await waiter.wait(timeout: .seconds(5)) == 7)
    }

    @Test func jobsFromManyThreadsAllRun() async {
        let sum = await withTaskGroup(of: Int.self) { group in
            for i in 0..<10_000 { group.addTask { await onLoop(i) } }
            return await group.reduce(0, +)
        }
        #expect(sum == 10_000 * 9_999 / 2)
    }

    @Loop private func onLoop(_ value: Int) -> Int {
        #expect(EventLoop.shared.isCurrent)
        return value
    }
}
