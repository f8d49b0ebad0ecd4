import RefreshCore
import Testing

@Suite struct QueueWalkTests {
    @Test(arguments: 0..<8) func aWalkKeepsEveryPromise(part: UInt64) {
        for seed in part * 200..<(part + 1) * 200 {
            var walk = QueueWalk(seed: seed)
            do throws(Violation) {
                try walk.run(steps: 300)
            } catch {
                Issue.record("seed \(seed): \(error)")
                return
            }
        }
    }
}
