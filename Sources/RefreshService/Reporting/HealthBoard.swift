import Reactor
import RefreshCore

/// Answers the health server's requests on the loop, once there is a daemon.
final class HealthBoard: Sendable {
    @Loop weak var daemon: Daemon?

    /// What those who follow events want.
    @Loop
    func grant(_ wish: FanOutWish) { daemon?.grant(wish) }

    /// Answers a request, at once or when what it asks for is done.
    @Loop
    func take(_ request: HealthRequest, _ answer: @escaping @Sendable (HealthResponse) -> Void) {
        if let daemon, request.path == "/events" { return daemon.follow(request, answer) }
        if let daemon, daemon.control.takes(request) { return daemon.control.take(request, answer) }
        answer(self.answer(request))
    }

    /// The answer to a request for the state; `/healthz` and `/readyz` name what is wrong.
    @Loop
    private func answer(_ request: HealthRequest) -> HealthResponse {
        guard let daemon else { return HealthResponse(status: 503, text: "starting") }
        let vitals = daemon.vitals()
        switch request.path {
        case "/healthz":
            let problems = vitals.problems
            if problems.isEmpty { return HealthResponse(status: 200, text: vitals.isStandby ? "ok: standby" : "ok") }
            return HealthResponse(status: 503, text: problems.joined(separator: "\n"))
        case "/readyz":
            if vitals.isReady { return HealthResponse(status: 200, text: "ready") }
            var reasons = vitals.problems
            if vitals.isStandby { reasons.insert("standby: another instance of this name holds the lease", at: 0) }
            if reasons.isEmpty { reasons = ["warming: \(vitals.pendingRegions) regions left"] }
            return HealthResponse(status: 503, text: reasons.joined(separator: "\n"))
        case "/status":
            return HealthResponse(
                status: 200, contentType: "application/json", body: StatusReport(daemon).text())
        default:
            return HealthResponse(
                status: 200, contentType: "text/plain; version=0.0.4; charset=utf-8", body: MetricsReport(daemon).text()
            )
        }
    }
}
