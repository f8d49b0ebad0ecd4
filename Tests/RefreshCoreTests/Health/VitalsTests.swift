import RefreshCore
import Testing

@Suite struct VitalsTests {
    private static var well: Vitals {
        var vitals = Vitals()
        vitals.listener.isUp = true
        vitals.redis.isUp = true
        vitals.hasFence = true
        vitals.lease.isUp = true
        vitals.isProven = true
        vitals.hasWarmed = true
        vitals.workers = [.init(isUp: true)]
        return vitals
    }

    @Test func allIsWell() {
        let vitals = Self.well
        #expect(vitals.isReady && vitals.problems == [] && vitals.makesProgress)
    }

    @Test(arguments: [
        ("stopping", false), ("not listening", false), ("no notification has proven", false),
        ("Redis does not take writes", false), ("no session for the lease", true), ("no worker", true),
        ("region items may be wrong for 61 s, longer than 60 s: division by zero", true),
        ("no nonce has come through", true), ("no nonce was taken for 1 s: Postgres does not answer", true),
        ("a refresh has run longer", true), ("a heartbeat is overdue", true),
        ("keys wait though a worker is free", true), ("notification queue is 11 % full", true),
    ])
    func whatIsWrongIsSaid(problem: String, isReady: Bool) {
        var vitals = Self.well
        switch problem {
        case "stopping": vitals.isStopping = true
        case "not listening": vitals.listener = .init(isUp: false, failure: "gone.")
        case "no notification has proven": vitals.isProven = false
        case "Redis does not take writes": vitals.redis.isUp = false
        case "no session for the lease": vitals.lease.isUp = false
        case "no worker": vitals.workers = [.init(isUp: false, failure: "refused")]
        case "no nonce has come through": vitals.canaryAge = .seconds(61)
        case "no nonce was taken for 1 s: Postgres does not answer":
            vitals.unanswered = .milliseconds(1_001)
        case "a refresh has run longer": vitals.running = .seconds(61)
        case "a heartbeat is overdue": vitals.sinceBeat = .seconds(61)
        case "notification queue is 11 % full": vitals.queueUsage = 0.11
        case "keys wait though a worker is free": vitals.stalled = .seconds(61)
        default: vitals.lags = [.init(region: "items", age: .seconds(61), reason: "division by zero.")]
        }
        #expect(vitals.problems.count == 1)
        #expect(vitals.problems.first?.contains(problem) == true)
        #expect(vitals.isReady == isReady)
    }

    @Test func aStandbyIsWellWhenItCouldTakeOver() {
        var vitals = Self.well
        vitals.isStandby = true
        vitals.lags = [.init(region: "items", age: .seconds(99), reason: nil)]
        #expect(!vitals.isReady && !vitals.standsBy && vitals.problems.count == 1)
        vitals.isCovered = true
        #expect(!vitals.isReady && vitals.standsBy && vitals.problems == [])
    }

    @Test func theBoundIsTheSumOfTheLongestWaits() {
        let bound = ConvergenceBound(heartbeat: .seconds(1), statementTimeout: .seconds(30))
        #expect(bound.span == .seconds(132))
    }
}
