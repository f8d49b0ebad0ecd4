import Logging
import Postgres
import Reactor
import RefreshCore

/// Runs queries for readers alone, on connections of its own that are made when needed and closed when idle.
@Loop
final class DirectReads {
    private let settings: LiveSettings
    private let dispatcher: Dispatcher
    private let plans: PlanBook
    private var waiting: [(fill: Fill, then: (ReadOutcome) -> Void)] = []
    private var idle: [Waiter<Void>] = []
    private static let idleLimit = Duration.seconds(30)

    init(_ settings: LiveSettings, _ dispatcher: Dispatcher, _ plans: PlanBook) {
        self.settings = settings
        self.dispatcher = dispatcher
        self.plans = plans
    }

    /// Runs the query of a value; `then` is called once.
    func compute(_ fill: Fill, then: @escaping (ReadOutcome) -> Void) {
        waiting.append((fill, then))
        if !idle.isEmpty { idle.removeFirst().give(()) }
    }

    /// Runs queries, one after the other, until the task is cancelled; several tasks may run it.
    func run() async {
        var session: QuerySession?
        while !Task.isCancelled {
            guard !waiting.isEmpty else {
                let waiter = Waiter<Void>()
                idle.append(waiter)
                do { try await waiter.wait(timeout: session == nil ? nil : Self.idleLimit) } catch {
                    idle.removeAll { $0 === waiter }
                    session?.connection.close()
                    session = nil
                }
                continue
            }
            let (fill, then) = waiting.removeFirst()
            do throws(PlanFault) {
                let open = if let session, session.connection.isOpen { session } else { try await connect() }
                session = open
                then(try await outcome(of: fill, open))
            } catch {
                then(.failed(error.fault))
            }
        }
        session?.connection.close()
    }

    private func connect() async throws(PlanFault) -> QuerySession {
        try await QuerySession.connect(settings, as: "reader")
    }

    private func outcome(of fill: Fill, _ session: QuerySession) async throws(PlanFault) -> ReadOutcome {
        let plan = try await plans.plan(fill.query, on: session.connection)
        let answers = Answers(items: 1, of: plan)
        do throws(PostgresError) {
            answers.take(try await session.run(plan, fill.parameters, within: settings.current.answerTimeout), for: 0)
        } catch {
            throw .server(error)
        }
        if let fault = answers.fault(of: 0) { return .failed(fault) }
        if answers.isMissing(0) {
            return plan.query.missing == .null ? .computed(plan.region.null) : .missing
        }
        guard plan.statement.layout == .fields else {
            return unsafe .computed(answers.withValue(0) { unsafe [UInt8]($0) })
        }
        var fields: [(name: [UInt8], value: [UInt8])] = []
        unsafe answers.forEachField(0) { name, value in
            unsafe fields.append((Array(name.utf8), [UInt8](value)))
        }
        return .computed(ReadForm.object(fields))
    }
}
