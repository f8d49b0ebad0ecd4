import Testing

@testable import Postgres

@Suite struct ParameterBufferTests {
    private func texts(_ buffer: inout ParameterBuffer) -> [String?] {
        let count = buffer.count
        return buffer.withPointers { pointers in
            (0...count).map { index in pointers[index].map { String(cString: $0) } }
        } ?? []
    }

    @Test func parametersAreWrittenInPieces() {
        var buffer = ParameterBuffer()
        for _ in 0..<2 {
            buffer.append("{")
            buffer.append(UInt8(ascii: "1"))
            buffer.append([UInt8]("é}".utf8).span.bytes)
            buffer.endParameter()
            buffer.endParameter()
            buffer.append("dropped")
            buffer.appendNull()
            buffer.append(parameter: "last")
            #expect(texts(&buffer) == ["{1é}", "", nil, "last", nil])
            buffer.removeAll()
            let left = buffer.count + buffer.byteCount
            #expect(left == 0)
            #expect(texts(&buffer) == [nil])
        }
    }

    @Test func aZeroByteIsSeenInWholeParametersOnly() {
        var buffer = ParameterBuffer()
        buffer.append(parameter: "fine")
        var seen = [buffer.containsNUL]
        buffer.append("a\0")
        buffer.appendNull()
        seen.append(buffer.containsNUL)
        buffer.append(parameter: "\0")
        seen.append(buffer.containsNUL)
        buffer.removeAll()
        seen.append(buffer.containsNUL)
        #expect(seen == [false, false, true, false])
    }

    @Test func theDeadlineIsSharedAmongHosts() {
        let hosts = ["host=a": 20_000, "host=a,b": 10_000, "host=a,b,c,d port=1,2,3,4": 2857]
        for (url, milliseconds) in hosts {
            let settings = PostgresSettings(url: url, applicationName: "tests", connectTimeout: .seconds(20))
            #expect(ConnectionParameters.hostTimeout(settings) == milliseconds)
        }
    }
}
