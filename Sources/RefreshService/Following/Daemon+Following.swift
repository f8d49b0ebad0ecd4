import Reactor
import RefreshCore

extension Daemon {
    /// Answers a request to `/events`: what is followed from now on, or why nothing is.
    func follow(_ request: HealthRequest) -> HealthResponse {
        var response: HealthResponse
        do throws(FollowTarget.Fault) {
            let target = try FollowTarget(query: request.query, lastEventID: request.lastEventID)
            response = follow(target, begins: request.isFollowing)
        } catch {
            response = HealthResponse(status: 400, text: error.text)
        }
        response.allowedOrigin = start.configuration.health.allowOrigin
        return response
    }

    /// - Parameter begins: false when only the head of the answer is asked for.
    private func follow(_ target: FollowTarget, begins: Bool) -> HealthResponse {
        switch target.source {
        case .channels(let names, let moment):
            if let name = names.first(where: { dispatcher.catalogue.channel(ChannelName($0)) == nil }) {
                return unknown(name, "channel", dispatcher.catalogue.registry.channels.map(\.name.text))
            }
            // A standby hears what is notified, and not when the owner has stored what that refreshes.
            if moment == .refresh, dispatcher.keeper.role != .owner {
                let advice = "ask the owner, or follow with after=receive"
                return HealthResponse(status: 503, text: "this instance does not hold the lease: \(advice)")
            }
            guard begins else {
                return HealthResponse(following: Following(source: .channels(.all, after: moment), last: nil))
            }
            let followed = dispatcher.followed ?? FollowedChannels(port)
            dispatcher.followed = followed
            let interest = followed.follow(names, after: moment, in: dispatcher.catalogue)
            return HealthResponse(following: Following(source: .channels(interest, after: moment), last: target.last))
        }
    }

    private func unknown(_ name: String, _ kind: String, _ known: [String]) -> HealthResponse {
        let shown = known.prefix(100).map { "  " + $0 }.joined(separator: "\n")
        let list = known.isEmpty ? "no \(kind) is configured" : "there are:\n\(shown)"
        return HealthResponse(status: 404, text: "no such \(kind): \(name); \(list)")
    }
}
