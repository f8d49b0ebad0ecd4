import Reactor
import RefreshCore

/// What clients ask the daemon to do, over the health socket: each answered when it is done.
@Loop
final class Control {
    private let dispatcher: Dispatcher
    private let barrier: Barrier
    private let reader: Reader
    private let staleMarks: StaleMarks
    private var last: UInt64 = 0
    /// Those that wait.
    private var calls: [UInt64: Call] = [:]
    private static let usualTimeout = Duration.seconds(30)

    init(_ dispatcher: Dispatcher, _ barrier: Barrier, _ reader: Reader, _ side: SideLink) {
        self.dispatcher = dispatcher
        self.barrier = barrier
        self.reader = reader
        staleMarks = StaleMarks(dispatcher, side)
    }

    /// Whether a request is one of these.
    func takes(_ request: HealthRequest) -> Bool {
        HealthEndpoint.control.contains { $0.answers(request.path) }
    }

    /// Carries a request out; `answer` is called once, when it is done or its time is over.
    func take(_ request: HealthRequest, _ answer: @escaping @Sendable (HealthResponse) -> Void) {
        last += 1
        let call = Call(last, answer)
        do throws(ControlFault) {
            guard let parameters = RequestParameters(request.query) else { throw .badEncoding }
            let limit = try timeout(parameters)
            calls[call.number] = call
            if request.path.hasPrefix("/regions/") {
                try read(request.path, parameters, call, limit)
            } else {
                guard dispatcher.keeper.role == .owner else { throw .standby }
                switch request.path {
                case "/sync": try sync(parameters, call)
                case "/refresh": try refresh(parameters, call)
                case "/invalidate": try invalidate(parameters, call)
                default: try warm(parameters, call)
                }
                call.expect(within: limit) { [unowned self, unowned call] in late(call) }
            }
        } catch {
            end(call, error.response)
        }
    }

    // MARK: What can be asked for

    private func read(
        _ path: String, _ parameters: RequestParameters, _ call: Call, _ limit: Duration
    ) throws(ControlFault) {
        try refuseOthers(parameters, besides: [])
        let rest = path.utf8.dropFirst("/regions/".utf8.count)
        let sides = rest.split(separator: UInt8(ascii: "/"), maxSplits: 1, omittingEmptySubsequences: false)
        guard sides.count == 2, let name = PercentText.decoded(sides[0], plusIsSpace: false),
            let key = PercentText.decoded(sides[1], plusIsSpace: false)
        else { throw .badEncoding }
        let region = try region(Bytes(name))
        let spelled = KeyRequest.key(Bytes(key), in: region, dispatcher)
        let wanted = CacheKey(region: region, key: dispatcher.stored(spelled, in: region))
        let type = dispatcher.catalogue.regions[region.index].map { ReadForm.type($0) } ?? ""
        let maker = dispatcher.router.maker(of: spelled, in: region)
        call.expect(within: limit) { [unowned self, unowned call] in reader.late(call.number) }
        reader.read(call.number, wanted, maker) { [unowned self] outcome in end(call, outcome.response(type)) }
    }

    private func sync(_ parameters: RequestParameters, _ call: Call) throws(ControlFault) {
        try refuseOthers(parameters, besides: ["region"])
        let regions = try regions(parameters)
        barrier.pass(call.number) { [unowned self] in
            dispatcher.awaitAll(in: regions) { [unowned self] in
                done(call, failing: dispatcher.keeper.failing(of: regions)) { _ in }
            }
        }
    }

    private func refresh(_ parameters: RequestParameters, _ call: Call) throws(ControlFault) {
        let request = try KeyRequest(parameters, dispatcher)
        guard let keys = request.stored(dispatcher) else { return passOver(request.regions, call) }
        let found = try request.makers(dispatcher)
        dispatcher.call { event in
            for (key, maker) in zip(keys, found) {
                dispatcher.keeper.queue.refreshNow(
                    maker.query, key: key, parameters: maker.parameters, event: event, at: .now)
            }
        } then: { [unowned self] in
            done(call, keys, in: request.regions[0])
        }
    }

    private func warm(_ parameters: RequestParameters, _ call: Call) throws(ControlFault) {
        try refuseOthers(parameters, besides: ["region"])
        let named = try regions(parameters).map { Array($0) }
        let all = dispatcher.catalogue.regions.indices.map { RegionID($0) }
            .filter { dispatcher.catalogue.regions[$0.index] != nil }
        passOver(named ?? all, call)
    }

    /// Every key of the regions is refreshed by a pass, and what `warm` names is filled.
    private func passOver(_ regions: [RegionID], _ call: Call) {
        dispatcher.call { event in
            for region in regions { dispatcher.keeper.refreshAll(region, event: event, at: .now) }
        } then: { [unowned self] in
            done(call, failing: dispatcher.keeper.failing(of: Set(regions))) { _ in }
        }
        dispatcher.act()
    }

    private func invalidate(_ parameters: RequestParameters, _ call: Call) throws(ControlFault) {
        let request = try KeyRequest(parameters, dispatcher)
        let region = request.regions[0]
        if request.isSoft { return try soften(request, parameters, call) }
        dispatcher.call { event in
            if let keys = request.stored(dispatcher) {
                for key in keys { dispatcher.keeper.queue.invalidate(region, key: key, event: event, at: .now) }
            } else {
                dispatcher.keeper.apply(.invalidateAll(region), event: event, at: .now)
            }
        } then: { [unowned self] in
            if let keys = request.stored(dispatcher) { return done(call, keys, in: region) }
            staleMarks.markRegion(region, hard: true) { [unowned self] isMarked in
                isMarked ? done(call, failing: []) { _ in } : end(call, ControlFault.redisAway.response)
            }
        }
        dispatcher.act()
    }

    /// Values stay until they are replaced: by their readers where these have a clock of their own, else by a refresh.
    private func soften(
        _ request: KeyRequest, _ parameters: RequestParameters, _ call: Call
    ) throws(ControlFault) {
        let region = request.regions[0]
        guard dispatcher.catalogue.regions[region.index]?.format == .dogpile else {
            return try refresh(parameters, call)
        }
        let marked: (Bool) -> Void = { [unowned self] isMarked in
            isMarked ? done(call, failing: []) { _ in } : end(call, ControlFault.redisAway.response)
        }
        if let keys = request.stored(dispatcher) {
            staleMarks.mark(keys, in: region, then: marked)
        } else {
            staleMarks.markRegion(region, hard: false, then: marked)
        }
    }

    // MARK: Answers

    /// Answers for keys: well when none of them failed.
    private func done(_ call: Call, _ keys: [Bytes], in region: RegionID) {
        let failed = keys.compactMap { key in
            dispatcher.keeper.queue.fault(of: key, in: region).map { (key: key, fault: $0) }
        }
        done(call, failing: failed.isEmpty ? [] : [region]) { json in
            json.member("keys", keys.count)
            json.array("failed") { json in
                for (key, fault) in failed.prefix(100) {
                    json.object { json in
                        json.member("key", key)
                        json.member("error", fault.text)
                    }
                }
            }
        }
    }

    private func done(_ call: Call, failing: [RegionID], _ more: (inout JSONText) -> Void) {
        guard dispatcher.keeper.role == .owner else { return end(call, ControlFault.standby.response) }
        let body = JSONText.text { json in
            json.object { json in
                json.member("done", failing.isEmpty)
                json.member("seconds", seconds: call.seconds)
                more(&json)
                json.array("failing") { json in
                    for region in failing {
                        json.object { json in
                            json.member("region", dispatcher.catalogue.regions[region.index]?.name.text)
                            json.member("error", dispatcher.keeper.queue.fault(in: region)?.text)
                        }
                    }
                }
            }
        }
        end(call, HealthResponse(status: failing.isEmpty ? 200 : 502, contentType: "application/json", body: body))
    }

    private func late(_ call: Call) {
        let waiting = dispatcher.keeper.queue.keyCount
        end(call, ControlFault.late(seconds: call.seconds, keys: waiting).response)
    }

    private func end(_ call: Call, _ response: HealthResponse) {
        calls[call.number] = nil
        barrier.forget(call.number)
        call.end(response)
    }

    // MARK: Parameters

    private func timeout(_ parameters: RequestParameters) throws(ControlFault) -> Duration {
        guard let text = parameters.text("timeout") else { return Self.usualTimeout }
        guard let milliseconds = try? DurationText.parse(text), (1...3_600_000).contains(milliseconds) else {
            throw .badTimeout
        }
        return .milliseconds(milliseconds)
    }

    private func regions(_ parameters: RequestParameters) throws(ControlFault) -> Set<RegionID>? {
        var found: Set<RegionID> = []
        for name in parameters.all("region") { found.insert(try region(name)) }
        return found.isEmpty ? nil : found
    }

    private func region(_ name: Bytes) throws(ControlFault) -> RegionID {
        try KeyRequest.region(name, dispatcher.catalogue)
    }

    private func refuseOthers(_ parameters: RequestParameters, besides known: [String]) throws(ControlFault) {
        if let name = parameters.unknown(besides: known + ["timeout"]) {
            throw .unknownParameter(name, known: known + ["timeout"])
        }
    }
}
