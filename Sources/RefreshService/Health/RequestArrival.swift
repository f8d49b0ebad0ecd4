import NIOCore

/// Tells the connection that bytes came, before the decoder makes anything of them.
///
/// The decoder is silent until a head is complete, so without this a client that drips would count as idle.
final class RequestArrival: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias InboundOut = ByteBuffer

    /// Bytes that came in one read.
    struct Event: Sendable {
        let count: Int
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        context.fireUserInboundEventTriggered(Event(count: unwrapInboundIn(data).readableBytes))
        context.fireChannelRead(data)
    }
}
