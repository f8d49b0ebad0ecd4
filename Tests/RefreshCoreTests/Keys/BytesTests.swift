import RefreshCore
import Testing

@Suite struct BytesTests {
    private func split(_ bytes: Bytes, _ count: Int) -> [Bytes] {
        var found: [Bytes] = []
        bytes.forEachParameter(of: count) { index, value in
            #expect(index == found.count)
            found.append(Bytes(value.indices.map { value[$0] }))
        }
        return found
    }

    @Test(arguments: [
        [], [""], ["a"], ["", ""], ["a", ""], ["", "a"], ["", "", ""], ["a", "", "b"], ["a", "b", "c"],
        ["é", "e\u{301}"],
    ])
    func parametersComeOutAsTheyWentIn(parameters: [String]) {
        let bytes = parameters.map { Bytes($0) }
        #expect(split(Bytes(joining: bytes), bytes.count) == bytes)
    }

    @Test func randomParametersComeOutAsTheyWentIn() {
        for seed in 0..<300 as Range<UInt64> {
            var dice = Dice(seed: seed)
            let parameters = (0..<Int.random(in: 0..<6, using: &dice)).map { _ in
                Bytes((0..<Int.random(in: 0..<4, using: &dice)).map { _ in UInt8.random(in: 1...255, using: &dice) })
            }
            #expect(split(Bytes(joining: parameters), parameters.count) == parameters, "seed \(seed)")
        }
    }

    @Test func tooFewPartsAreFilledUpWithEmptyOnes() {
        #expect(split(Bytes("a"), 3) == [Bytes("a"), .empty, .empty])
        #expect(split(.empty, 2) == [.empty, .empty])
        #expect(split(Bytes("a\0b\0c"), 2) == [Bytes("a"), Bytes("b\0c")])
        #expect(split(Bytes("a\0b"), 1) == [Bytes("a\0b")])
        #expect(split(Bytes("a"), 0).isEmpty)
    }

    @Test func shortAndLongRunsAreKept() {
        for count in [0, 1, 7, 8, 9, 14, 15, 16, 17, 40] {
            let array = (0..<count).map { UInt8(truncatingIfNeeded: $0 + 1) }
            let bytes = Bytes(array)
            #expect(bytes.array == array && bytes.count == count && bytes.isEmpty == (count == 0))
            #expect(bytes.withSpan { span in span.indices.map { span[$0] } } == array)
            #expect(bytes == Bytes(array) && bytes != Bytes(array + [0]) && bytes != Bytes([0] + array))
            #expect(Set([bytes, Bytes(array), Bytes(array + [0])]).count == 2)
        }
    }

    @Test func textsThatOnlyLookEqualAreTwo() {
        #expect(Bytes("\u{e9}") != Bytes("e\u{301}"))
        #expect(Set([Bytes("\u{e9}"), Bytes("e\u{301}"), Bytes("\u{e9}")]).count == 2)
        #expect(Bytes([0xFF]).description == "\u{FFFD}")
    }
}
