import RefreshCore
import Testing

@testable import RefreshService

@Suite struct RequestParametersTests {
    @Test func readsNamesAndValuesOfAnyBytes() throws {
        let read = try #require(RequestParameters("region=a+b&key=%00%ff&key=c%3Dd=e&empty&=x&%C3%A9=1&timeout=5s"))
        #expect(read.text("region") == "a b")
        #expect(read.all("key") == [Bytes([0, 0xFF]), Bytes("c=d=e")])
        #expect(read.text("empty") == "")
        #expect(read.text("é") == "1")
        #expect(read.text("nothing") == nil)
        #expect(read.unknown(besides: ["region", "key", "timeout", "empty", "é"]) == "")
        #expect(read.unknown(besides: ["", "region", "key", "timeout", "empty", "é"]) == nil)
    }

    @Test func refusesAPercentSignWithoutDigits() {
        for text in ["a=%", "a=%4", "a=%4g", "%zz=1"] { #expect(RequestParameters(text) == nil) }
        #expect(RequestParameters(nil)?.pairs.isEmpty == true)
    }

    @Test func whatIsEncodedIsDecodedAgain() {
        let all = (0...255).map { UInt8($0) }
        #expect(PercentText.decoded(PercentText.encoded(all).utf8, plusIsSpace: true) == all)
        #expect(PercentText.decoded(PercentText.encoded(all).utf8, plusIsSpace: false) == all)
    }
}
