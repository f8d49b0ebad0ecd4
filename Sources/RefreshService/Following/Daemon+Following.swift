import Reactor
import RefreshCore

extension Daemon {
    /// Answers a request to `/events`: what is followed from now on, or why nothing is.
    func follow(_ request: HealthRequest, _ answer: @escaping @Sendable (HealthResponse) -> Void) {
        let origin = start.configuration.health.allowOrigin
        let reply: @Loop (HealthResponse) -> Void = { response in
            var response = response
            response.allowedOrigin = origin
            answer(response)
        }
        do throws(FollowTarget.Fault) {
            let target = try FollowTarget(query: request.query, lastEventID: request.lastEventID)
            switch target.source {
            case .channels(let names, let moment):
                reply(follow(names, moment, after: target.last, begins: request.isFollowing))
            case .stream(let name): follow(name, after: target.last, reply)
            }
        } catch {
            reply(HealthResponse(status: 400, text: error.text))
        }
    }

    /// What those who follow want.
    func grant(_ wish: FanOutWish) {
        switch wish {
        case .goOn, .stop: dispatcher.followed?.grant(wish)
        case .watch(let names): streams.watch(names)
        case .read(let name, let from): streams.read(name, from: from)
        }
    }

    /// - Parameter begins: false when only the head of the answer is asked for.
    private func follow(
        _ names: [String], _ moment: Route.Moment, after last: String?, begins: Bool
    ) -> HealthResponse {
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
        return HealthResponse(following: Following(source: .channels(interest, after: moment), last: last))
    }

    private func follow(_ name: String, after last: String?, _ reply: @escaping @Loop (HealthResponse) -> Void) {
        let known = dispatcher.catalogue.streams
        guard known.contains(name) else { return reply(unknown(name, "stream", known.sorted())) }
        func grant(_ position: StreamID, _ missed: MissedEvents?) {
            let source = Following.Source.stream(name, after: position, missed: missed)
            reply(HealthResponse(following: Following(source: source, last: last)))
        }
        if let position = last.flatMap({ StreamID($0) }) { return grant(position, nil) }
        streams.last(of: name) { found in
            switch found {
            case .success(let position): grant(position, last == nil ? nil : .restart)
            case .failure(let error): reply(HealthResponse(status: 503, text: "\(name) can not be read: \(error)"))
            case nil: reply(HealthResponse(status: 503, text: "Redis is not connected"))
            }
        }
    }

    private func unknown(_ name: String, _ kind: String, _ known: [String]) -> HealthResponse {
        let shown = known.prefix(100).map { "  " + $0 }.joined(separator: "\n")
        let list = known.isEmpty ? "no \(kind) is configured" : "there are:\n\(shown)"
        return HealthResponse(status: 404, text: "no such \(kind): \(name); \(list)")
    }
}

extension Catalogue {
    /// The Redis streams that routes write.
    var streams: Set<String> {
        var found: Set<String> = []
        for channel in registry.channels {
            for route in channel.publish {
                if case .stream(let name, _) = route.target { found.insert(name) }
            }
        }
        return found
    }
}
