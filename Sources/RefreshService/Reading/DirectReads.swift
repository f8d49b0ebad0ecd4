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
    /// Values whose turn has not come; `ReadBook` holds them to as many as readers may wait.
    private var waiting: [Run] = []
    private var idle: [Waiter<Void>] = []
    private static let idleLimit = Duration.seconds(30)

    private struct Run {
        let fill: Fill
        let begins: () -> Void
        let then: (ReadOutcome) -> Void
    }

    init(_ settings: LiveSettings, _ dispatcher: Dispatcher, _ plans: PlanBook) {
        self.settings = settings
        self.dispatcher = dispatcher
        self.plans = plans
    }

    /// Runs the query of a value: `begins` is called when its turn has come, and then `then`, each once.
    func compute(_ fill: Fill, begins: @escaping () -> Void, then: @escaping (ReadOutcome) -> Void) {
        waiting.append(Run(fill: fill, begins: begins, then: then))
        if !idle.isEmpty { idle.removeFirst().give(()) }
    }

    /// Leaves a value out whose turn has not come.
    func abandon(_ fill: Fill) { waiting.removeAll { $0.fill.number == fill.number } }

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
            let run = waiting.removeFirst()
            run.begins()
            do throws(PlanFault) {
                let open = if let session, session.connection.isOpen { session } else { try await connect() }
                session = open
                run.then(try await outcome(of: run.fill, open))
            } catch {
                run.then(.failed(error.fault))
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
        let limit = settings.current.answerTimeout
        do throws(PostgresError) {
            answers.take(try await session.run(plan, fill.parameters, within: limit), for: 0)
        } catch {
            if await session.refuses(fill.parameters, plan, error, within: limit) { return .missing }
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
