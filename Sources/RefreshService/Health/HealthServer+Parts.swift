import NIOCore
import NIOHTTP1
import NIOPosix

extension HealthServer {
    /// What all listeners of one server share.
    struct Parts {
        let gate: LoopGate
        let table: NIOLoopBound<ConnectionTable>
        let port: FollowerPort
        let bootstrap: ServerBootstrap

        init(
            group: MultiThreadedEventLoopGroup, endpoints: [HealthEndpoint], limits: HealthLimits,
            wish: @escaping FollowerPort.Wish, respond: @escaping Respond
        ) throws(HealthError) {
            let loop = group.any()
            let gate = LoopGate(loop: loop)
            let table: NIOLoopBound<ConnectionTable>
            let fanOut: NIOLoopBound<FanOut>
            let port: FollowerPort
            do {
                (table, fanOut, port) = try loop.submit {
                    let fanOut = FanOut(limits: limits, loop: loop, wish: wish)
                    let bound = NIOLoopBound(fanOut, eventLoop: loop)
                    let port = FollowerPort(gate: gate, fanOut: bound, limit: limits.followers)
                    fanOut.port = port
                    return (NIOLoopBound(ConnectionTable(limits: limits), eventLoop: loop), bound, port)
                }.wait()
            } catch {
                throw .listenFailed(place: "its thread", reason: "\(error)")
            }
            self.gate = gate
            self.table = table
            self.port = port
            let check = RequestCheck(endpoints: endpoints, bodyLimit: limits.bodyBytes)
            bootstrap = ServerBootstrap(group: group)
                .serverChannelOption(.backlog, value: 1_024)
                .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
                // Out of descriptors, accepting again at once would spin.
                .serverChannelInitializer { channel in
                    channel.eventLoop.makeCompletedFuture {
                        try channel.pipeline.syncOperations.addHandler(AcceptPause())
                    }
                }
                // One small read at a time bounds what pipelined requests can pile up.
                .childChannelOption(.recvAllocator, value: FixedSizeRecvByteBufferAllocator(capacity: 8_192))
                .childChannelOption(.maxMessagesPerRead, value: 1)
                .childChannelOption(.allowRemoteHalfClosure, value: true)
                .childChannelOption(
                    .writeBufferWaterMark, value: .init(low: limits.followerChunk / 2, high: limits.followerChunk)
                )
                .childChannelInitializer { channel in
                    channel.eventLoop.makeCompletedFuture {
                        let connection = HealthConnection(
                            table: table.value, limits: limits, check: check, gate: gate, respond: respond,
                            fanOut: fanOut.value)
                        try Self.configure(channel, limits: limits, connection: connection)
                    }
                }
        }

        static func configure(
            _ channel: any Channel, limits: HealthLimits, connection: HealthConnection
        ) throws {
            var decoding = NIOHTTPDecoderLimitConfiguration()
            decoding.maxHeaderFieldSize = limits.headerBytes
            decoding.maxHeaderListSize = limits.headerBytes
            decoding.maxHeaderFieldCount = 64
            // Answers have a length, or end with the connection.
            var encoding = HTTPResponseEncoder.Configuration()
            encoding.automaticallySetFramingHeaders = false
            let pipeline = channel.pipeline.syncOperations
            try pipeline.addHandler(RequestArrival())
            try pipeline.configureHTTPServerPipeline(
                withPipeliningAssistance: true, withErrorHandling: false, withEncoderConfiguration: encoding,
                withDecoderLimitConfiguration: decoding)
            try pipeline.addHandler(connection)
        }
    }
}
