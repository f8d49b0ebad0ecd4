import RefreshCore
import Testing

@testable import RefreshService

@Suite struct WriteCallTests {
    private static let channel = Destination(.channel("c"), field: "payload")
    private static let stream = Destination(.stream("s", maxlen: nil), field: "payload")

    /// The calls that store so many keys, each with messages to these destinations.
    private func calls(keys: Int, _ destinations: [Destination]) -> [WriteCall] {
        WriteCall.split(
            StoreRequest(
                region: Region(
                    name: RegionName("r"), prefix: "r:", ttlMilliseconds: nil, format: .json, onGap: .refresh),
                keys: (0..<keys).map { Bytes("\($0)") }, fates: Array(repeating: .storeNull, count: keys), answers: nil,
                messages: { place, found in
                    for destination in destinations {
                        found.append(Message(destination: destination, body: Bytes("\(place)")))
                    }
                }))
    }

    private func bodies(_ call: WriteCall) -> [Int] { call.messages.compactMap { Int($0.body.description) } }

    @Test func messagesToStreamsComeAfterTheValuesInACallOfTheirOwn() {
        let calls = calls(keys: 5, [Self.stream, Self.channel])
        #expect(calls.count == 2)
        #expect(calls[0].stores == Array(0..<5) && !calls[0].needsAnswers && bodies(calls[0]) == Array(0..<5))
        #expect(calls[1].stores.isEmpty && calls[1].needsAnswers && bodies(calls[1]) == Array(0..<5))
        #expect(calls[0].bytes > 200 && calls[1].bytes > 200)
    }

    @Test func littleGoesInOneCall() {
        let calls = calls(keys: 2, [Self.stream, Self.channel])
        #expect(calls.count == 1)
        #expect(calls[0].stores == [0, 1] && calls[0].needsAnswers && bodies(calls[0]) == [0, 1, 0, 1])
    }

    @Test func messagesToStreamsAndToChannelsAreBoundedEachForThemselves() {
        let calls = calls(keys: 600, [Self.stream, Self.channel])
        #expect(calls.map(\.stores.count) == [512, 0, 88, 0])
        #expect(calls.map(\.messages.count) == [512, 512, 88, 88])
        #expect(self.calls(keys: 600, [Self.channel, Self.channel]).map(\.stores.count) == [256, 256, 88])
    }

    @Test func withoutStreamsNothingNeedsAnswers() {
        let calls = calls(keys: 600, [Self.channel])
        #expect(calls.map(\.stores.count) == [512, 88])
        #expect(calls.allSatisfy { !$0.needsAnswers })
        #expect(calls.flatMap(bodies) == Array(0..<600))
    }
}
