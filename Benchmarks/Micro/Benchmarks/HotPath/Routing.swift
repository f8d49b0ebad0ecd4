import Benchmark
import RefreshCore
import RefreshService

/// From a payload to the key it asks for, in each format.
enum Routing {
    static func register() {
        measured("route: text that is the key", text())
        measured("route: two paths of JSON", json())
        measured("route: two fields of CSV", csv())
    }

    private static func text() -> (Int) -> Void {
        let router = router()
        let channel = Site.channel("items")
        let payloads = (0..<1000).map { Bytes("\($0 * 7919)") }
        return { count in
            for turn in 0..<count {
                let key = try? router.key(channel, payloads[turn % payloads.count])
                precondition(key != nil && router.direct(channel) != nil, "a payload does not fit")
                blackHole(key)
            }
        }
    }

    private static func json() -> (Int) -> Void {
        guard let reader = JSONReader() else { fatalError("there is no memory for a reader") }
        let channel = Site.channel("rows")
        let paths = router().sources(of: channel).map { source in
            if case .json(let components) = source { JSONPath(components) } else { JSONPath([]) }
        }
        let payloads = (0..<1000).map { id in
            Bytes(#"{"op":"UPDATE","row":{"name":"item \#(id)","shop":{"code":"oslo"},"ids":[\#(id)]},"at":17}"#)
        }
        return routed(channel, payloads, open: { $0.withUnsafeBytes { _ = reader.open($0) } }) { place, _ in
            reader.find(paths[place]) { kind, text in
                kind == .string || kind == .number ? .value(Bytes(copying: text)) : .absent
            }
        }
    }

    private static func csv() -> (Int) -> Void {
        let channel = Site.channel("records")
        let fields = router().sources(of: channel).map { source in
            if case .field(let index) = source { index } else { 0 }
        }
        let payloads = (0..<1000).map { Bytes("UPDATE,oslo,\"item \($0), blue\",\($0)\n") }
        return routed(channel, payloads, open: { _ in }) { place, payload in
            payload.withSpan { DelimitedFields.field(fields[place], of: $0) }.map { .value($0) } ?? .absent
        }
    }

    /// Routes by reading each source of the channel, as `Dispatcher` does where the payload is not the key itself.
    private static func routed(
        _ channel: ChannelID, _ payloads: [Bytes], open: @escaping (Bytes) -> Void,
        find: @escaping (_ place: Int, _ payload: Bytes) -> Field
    ) -> (Int) -> Void {
        var router = router()
        var decisions: [Router.Decision] = []
        return { count in
            for turn in 0..<count {
                let payload = payloads[turn % payloads.count]
                decisions.removeAll(keepingCapacity: true)
                open(payload)
                try? router.route(channel, into: &decisions) { find($0, payload) }
                precondition(decisions.count == 1, "a payload does not fit")
                blackHole(decisions)
            }
        }
    }

    /// A router that has learned what the server says of the queries.
    private static func router() -> Router {
        var router = Router(Site.catalogue)
        router.learn([.int4], of: QueryID(0))
        router.learn([.textLike("text"), .int4], of: QueryID(1))
        return router
    }
}
