import FuzzSupport
import Glibc

@testable import Redis

/// What a server may send comes out as replies or as one fault, the same however the bytes are cut into pieces.
@main enum RESPRepliesTarget {
    private static let limit = 1 << 20
    private static let sockets = Sockets()

    static func main() {
        fuzz { input in
            var choices = Choices(input)
            let cut = choices.number(below: 256)
            let bytes = choices.text
            let whole = outcome(of: [bytes])
            let cuts = [[1], [cut % 7 + 1, 3], [cut + 1]][cut % 3]
            expect(outcome(of: bytes.cut(into: cuts)) == whole, "replies depend on where the bytes were cut")
            return .worthKeeping
        }
    }

    private struct Outcome: Equatable {
        var replies: [Taken] = []
        var failed = false
    }

    private static func outcome(of pieces: [ArraySlice<UInt8>]) -> Outcome {
        var outcome = Outcome()
        guard var reader = ReplyReader(limit: limit) else {
            expect(false, "there is no memory for a reader")
            return outcome
        }
        for piece in pieces where !piece.isEmpty {
            sockets.send(piece)
            guard case .bytes = reader.receive(from: sockets.receiving) else {
                expect(false, "bytes that were sent do not arrive")
                return outcome
            }
            do throws(RedisError) {
                while let reply = try reader.next() {
                    reply.lend(at: "here") { outcome.replies.append(Taken($0)) }
                }
            } catch {
                expect(error.code == .protocolError && error.isInDoubt, "what is malformed is called otherwise")
                outcome.failed = true
                return outcome
            }
        }
        return outcome
    }

    private static func outcome(of pieces: [[UInt8]]) -> Outcome { outcome(of: pieces.map { $0[...] }) }
}
