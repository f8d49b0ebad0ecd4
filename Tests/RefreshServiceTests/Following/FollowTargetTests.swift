import RefreshCore
import Testing

@testable import RefreshService

@Suite("What a request to /events asks to follow")
struct FollowTargetTests {
    @Test("channels, the moment and the id to go on after")
    func channels() throws {
        #expect(try FollowTarget(query: nil, lastEventID: nil).source == .channels([], after: .refresh))
        let target = try FollowTarget(
            query: "channel=a%20b+c&after=receive&channel=%C3%A6&last_event_id=x", lastEventID: nil)
        #expect(target.source == .channels(["a b c", "æ"], after: .receive))
        #expect(target.last == "x")
        #expect(try FollowTarget(query: "&&channel=", lastEventID: nil).source == .channels([""], after: .refresh))
    }

    @Test("a browser's header is newer than the URL, and an empty id is none")
    func ids() throws {
        #expect(try FollowTarget(query: "last_event_id=1", lastEventID: "2").last == "2")
        #expect(try FollowTarget(query: "last_event_id=", lastEventID: nil).last == nil)
        #expect(try FollowTarget(query: nil, lastEventID: "").last == nil)
    }

    @Test(
        "what is not understood is a fault",
        arguments: [
            "channels=a", "after=", "after=refresh&after=refresh", "channel=%", "channel=%4", "channel=%4g",
            "channel=%ff", "x", String(repeating: "channel=a&", count: 257),
        ])
    func faults(query: String) {
        #expect(throws: FollowTarget.Fault.self) { try FollowTarget(query: query, lastEventID: nil) }
    }
}
