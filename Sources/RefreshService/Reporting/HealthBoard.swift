import Reactor
import RefreshCore

/// Answers the health server's requests on the loop, once there is a daemon.
final class HealthBoard: Sendable {
    @Loop weak var daemon: Daemon?

    /// The answer to a request; `/healthz` and `/readyz` name what is wrong.
    @Loop
    func answer(_ request: HealthRequest) -> HealthResponse {
        guard let daemon else { return HealthResponse(status: 503, text: "starting") }
        let vitals = daemon.vitals()
        switch request.path {
        case "/healthz":
            let problems = vitals.problems
            if problems.isEmpty { return HealthResponse(status: 200, text: "ok") }
            return HealthResponse(status: 503, text: problems.joined(separator: "\n"))
        case "/readyz":
            if vitals.isReady { return HealthResponse(status: 200, text: "ready") }
            let problems = vitals.problems
            let reasons = problems.isEmpty ? ["warming: \(vitals.pendingRegions) regions left"] : problems
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
