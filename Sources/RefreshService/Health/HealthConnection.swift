import NIOCore
import NIOHTTP1

/// One client of the health server: performs what its `ExchangeMachine` decides.
///
/// Belongs to the server's loop.
final class HealthConnection: ChannelInboundHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias OutboundOut = HTTPServerResponsePart

    private let table: ConnectionTable
    private let limits: HealthLimits
    private let check: RequestCheck
    private let gate: LoopGate
    private let respond: HealthServer.Respond
    private let fanOut: FanOut?
    private var machine: ExchangeMachine
    private var admission = ConnectionTable.Admission.served
    /// It came by the Unix socket, whose mode says who may.
    private var isTrusted = false
    private var context: ChannelHandlerContext?
    private var armedStage: ExchangeMachine.Stage?
    private var deadline: Scheduled<Void>?

    /// When the connection became idle last.
    private(set) var idleSince = NIODeadline.now()

    /// Whether it waits for a request.
    var isIdle: Bool { machine.stage == .idle }

    /// Whether it has had an answer already.
    var hasExchanged: Bool { machine.exchanges > 0 }

    init(
        table: ConnectionTable, limits: HealthLimits, check: RequestCheck, gate: LoopGate,
        respond: @escaping HealthServer.Respond, fanOut: FanOut? = nil
    ) {
        self.table = table
        self.fanOut = fanOut
        self.limits = limits
        self.check = check
        self.gate = gate
        self.respond = respond
        machine = ExchangeMachine(limits: limits)
    }

    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        self.context = nil
    }

    func channelActive(context: ChannelHandlerContext) {
        if case .unixDomainSocket = context.channel.localAddress { isTrusted = true }
        idleSince = .now()
        admission = table.admit(self, at: idleSince)
        perform(admission == .unheard ? machine.close() : .nothing)
    }

    func channelInactive(context: ChannelHandlerContext) {
        table.remove(self)
        fanOut?.remove(self)
        _ = machine.close()
        deadline?.cancel()
        deadline = nil
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .head(let head):
            perform(machine.head(verdict(on: head), keepsAlive: head.isKeepAlive, isHead: head.method == .HEAD))
        case .body(let part):
            perform(machine.body(part.readableBytes, tooLarge: check.tooLarge))
        case .end:
            perform(machine.end())
        }
    }

    /// Those who come to follow have places of their own; of all others only so many are served.
    private func verdict(on head: HTTPRequestHead) -> RequestCheck.Verdict {
        let verdict = check.verdict(on: head, isTrusted: isTrusted)
        if admission == .served { return verdict }
        if case .ask(let request, _) = verdict, request.isFollowing { return verdict }
        return .cut(HealthResponse(status: 503, text: "too many connections"))
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        if machine.stage == .following, context.channel.isWritable { fanOut?.becameWritable(self) }
        context.fireChannelWritabilityChanged()
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        switch event {
        case let arrival as RequestArrival.Event: perform(machine.bytesArrived(arrival.count))
        case ChannelEvent.inputClosed: perform(machine.inputClosed())
        default: context.fireUserInboundEventTriggered(event)
        }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        switch error {
        case HTTPParserError.headerOverflow:
            perform(machine.malformed(status: 431, "a request's head may have at most \(limits.headerBytes) bytes"))
        case is HTTPParserError:
            perform(machine.malformed(status: 400, "this is no HTTP/1.1 request"))
        case is ByteToMessageDecoderError:
            break  // Bytes behind a malformed request, whose answer is on its way.
        default:
            perform(machine.close())
        }
    }

    /// Ends the connection in favour of another.
    func makeRoom() {
        perform(machine.close())
    }

    /// Ends the connection as far as its answer allows.
    func stop() {
        perform(machine.stopping())
    }

    private func perform(_ action: ExchangeMachine.Action) {
        armDeadline()
        guard let context else { return }
        switch action {
        case .nothing: break
        case .ask(let request, let number): ask(request, number: number)
        case .write(let answer): write(answer, context)
        case .follow(let answer, let following): follow(answer, following, context)
        case .finish:
            let sent = context.eventLoop.makePromise(of: Void.self)
            report(sent.futureResult)
            context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: sent)
        case .next: context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
        case .linger: context.close(mode: .output, promise: nil)
        case .close: context.close(promise: nil)
        }
    }

    private func ask(_ request: HealthRequest, number: Int) {
        guard let context else { return }
        if request.isFollowing {
            guard table.follow(self) else {
                return perform(machine.unavailable("\(limits.followers) clients follow already"))
            }
        } else if table.unanswered >= limits.unanswered {
            return perform(machine.unavailable("the event loop has \(limits.unanswered) requests unanswered"))
        }
        let weight = request.isFollowing ? 0 : 1
        table.unanswered += weight
        let connection = NIOLoopBound(self, eventLoop: context.eventLoop)
        let pending = PendingAnswer(gate: gate) { response in
            let connection = connection.value
            connection.table.unanswered -= weight
            connection.perform(connection.machine.answered(response, number: number))
        }
        respond(request) { pending.answer($0) }
    }

    private func write(_ answer: ExchangeMachine.Answer, _ context: ChannelHandlerContext) {
        // The end marks the exchange as over and lets the next pipelined request in, so it is sent only when all bytes are out.
        let sent = context.eventLoop.makePromise(of: Void.self)
        let body = answer.response.body
        let withBody = answer.withBody && !body.isEmpty
        context.write(wrapOutboundOut(.head(AnswerHead.make(answer))), promise: withBody ? nil : sent)
        if withBody {
            context.write(wrapOutboundOut(.body(.byteBuffer(ByteBuffer(bytes: body)))), promise: sent)
        }
        report(sent.futureResult)
        context.flush()
    }

    private func report(_ sent: EventLoopFuture<Void>) {
        sent.assumeIsolated().whenComplete { [self] result in
            if case .success = result { perform(machine.written()) } else { perform(machine.close()) }
        }
    }

    private func follow(_ answer: ExchangeMachine.Answer, _ following: Following, _ context: ChannelHandlerContext) {
        guard let fanOut else { return perform(machine.close()) }
        context.writeAndFlush(wrapOutboundOut(.head(AnswerHead.make(answer))), promise: nil)
        fanOut.add(self, following)
    }

    private func armDeadline() {
        guard armedStage != machine.stage, let context else { return }
        armedStage = machine.stage
        deadline?.cancel()
        deadline = nil
        if machine.stage == .idle { idleSince = .now() }
        guard let limit = limit(of: machine.stage) else { return }
        deadline = context.eventLoop.assumeIsolated().scheduleTask(in: TimeAmount(limit)) { [weak self] in
            guard let self else { return }
            perform(machine.deadlinePassed())
        }
    }

    private func limit(of stage: ExchangeMachine.Stage) -> Duration? {
        switch stage {
        case .idle: admission == .served ? limits.idle : limits.grace
        case .receiving: limits.request
        case .asking: machine.answerLimit
        case .writing: limits.write
        case .lingering: limits.grace
        case .following, .closed: nil
        }
    }
}

extension HealthConnection: FollowerOutlet {
    var isWritable: Bool { machine.stage == .following && context?.channel.isWritable == true }

    func send(_ bytes: [UInt8]) {
        guard machine.stage == .following, let context else { return }
        context.writeAndFlush(wrapOutboundOut(.body(.byteBuffer(ByteBuffer(bytes: bytes)))), promise: nil)
    }

    func finish() { perform(machine.ended()) }

    func cut() { perform(machine.close()) }
}
