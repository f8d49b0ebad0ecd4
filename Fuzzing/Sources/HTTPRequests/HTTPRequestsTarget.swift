import FuzzSupport

@testable import RefreshService

/// Any bytes of a client get answers or the end of the connection; any bytes of a server are an answer or a fault.
@main enum HTTPRequestsTarget {
    static func main() {
        fuzz { input in
            var choices = Choices(input)
            let isRequest = choices.number(below: 2) == 0
            let length = choices.number(below: 256) + 1
            if isRequest {
                let conduct = Conduct(answers: choices.number(below: 4), halfCloses: choices.number(below: 2) == 1)
                ServedClient(conduct).send(choices.text.cut(into: [length, length % 7 + 1]))
            } else {
                answer(choices.text, cutAt: length)
            }
            return .worthKeeping
        }
    }

    private enum Answer: Equatable {
        case reply(HealthReply)
        case fault(ReplyParser.Fault)
    }

    private static func answer(_ bytes: [UInt8], cutAt length: Int) {
        let whole = parse([bytes[...]], limit: 1 << 20)
        expect(parse(bytes.cut(into: [length]), limit: 1 << 20) == whole, "an answer depends on its pieces")
        expect(parse(bytes.cut(into: [1, length]), limit: 1 << 20) == whole, "an answer depends on its pieces")
        if case .reply(let reply) = parse(bytes.cut(into: [length]), limit: 64) {
            expect(reply.body.count <= 64, "an answer is larger than it may be")
        }
    }

    private static func parse(_ pieces: [ArraySlice<UInt8>], limit: Int) -> Answer {
        var parser = ReplyParser(limit: limit)
        do throws(ReplyParser.Fault) {
            for piece in pieces {
                if let reply = try parser.receive(piece) { return .reply(reply) }
            }
            return .reply(try parser.end())
        } catch {
            return .fault(error)
        }
    }
}
