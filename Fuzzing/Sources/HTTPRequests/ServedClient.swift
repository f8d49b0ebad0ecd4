import FuzzSupport
import NIOCore
import NIOEmbedded

@testable import RefreshService

/// How the daemon and the client behave around the bytes that are tried.
struct Conduct {
    /// 0 answers at once, 1 when all bytes have come, 2 never, 3 drops the request.
    let answers: Int
    let halfCloses: Bool
}

/// One connection of the health server, on a loop that the test turns.
final class ServedClient {
    // The server asks on its loop, and this loop is the test's own thread.
    private final class Daemon: @unchecked Sendable {
        var asked: [HealthRequest] = []
        var kept: [@Sendable (HealthResponse) -> Void] = []
    }

    private let channel: EmbeddedChannel
    private let daemon = Daemon()
    private let conduct: Conduct
    private var sent: [UInt8] = []

    init(_ conduct: Conduct) {
        self.conduct = conduct
        let limits = HealthLimits()
        let loop = EmbeddedEventLoop()
        channel = EmbeddedChannel(loop: loop)
        let connection = HealthConnection(
            table: ConnectionTable(limits: limits), limits: limits,
            check: RequestCheck(endpoints: HealthServer.standardEndpoints, bodyLimit: limits.bodyBytes),
            gate: LoopGate(loop: loop),
            respond: { [daemon] request, answer in
                daemon.asked.append(request)
                switch conduct.answers {
                case 0: answer(HealthResponse(status: 200, text: "fine"))
                case 1, 2: daemon.kept.append(answer)
                default: break
                }
            })
        do {
            try HealthServer.Parts.configure(channel, limits: limits, connection: connection)
            try channel.connect(to: SocketAddress(unixDomainSocketPath: "/s")).wait()
        } catch {
            expect(false, "the connection can not be made: \(error)")
        }
    }

    /// Sends the pieces and lets time pass, until the server must have ended the connection.
    func send(_ pieces: [ArraySlice<UInt8>]) {
        for piece in pieces where channel.isActive {
            _ = try? channel.writeInbound(ByteBuffer(bytes: piece))
            turn()
        }
        if conduct.answers == 1 {
            for answer in daemon.kept { answer(HealthResponse(status: 200, text: "fine, later")) }
            turn()
        }
        if conduct.halfCloses, channel.isActive {
            channel.pipeline.fireUserInboundEventTriggered(ChannelEvent.inputClosed)
            turn()
        }
        for _ in 0..<64 where channel.isActive {
            channel.embeddedEventLoop.advanceTime(by: .seconds(61))
            turn()
        }
        expect(!channel.isActive, "a connection stays for ever")
        _ = try? channel.finish(acceptAlreadyClosed: true)
        // What is kept keeps the connection; its end is told on the loop.
        daemon.kept = []
        turn()
        check()
    }

    private func turn() {
        channel.embeddedEventLoop.run()
        while let part = try? channel.readOutbound(as: ByteBuffer.self) {
            sent.append(contentsOf: part.readableBytesView)
        }
    }

    private func check() {
        for request in daemon.asked {
            let endpoint = HealthServer.standardEndpoints.first { $0.answers(request.path) }
            expect(endpoint?.methods.contains(request.method) == true, "the daemon is asked for what is not there")
            let isPlain = request.query?.utf8.allSatisfy { $0 > 0x20 && $0 != 0x7F } ?? true
            expect(isPlain, "a query holds a space or a control character")
        }
        guard !sent.isEmpty else { return }
        var parser = ReplyParser(limit: 1 << 20)
        do throws(ReplyParser.Fault) {
            // An answer to HEAD announces a body that does not come, so that there may be none yet.
            _ = try parser.receive(sent[...])
        } catch {
            expect(false, "our own client does not understand the answer")
        }
        let status = Int(String(decoding: sent.dropFirst(9).prefix(3), as: UTF8.self)) ?? 0
        expect([200, 400, 404, 405, 413, 431, 503].contains(status), "the status is \(status)")
    }
}
