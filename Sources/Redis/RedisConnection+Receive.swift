import Reactor

extension RedisConnection {
    /// How many chunks are read in one turn before other sources have theirs.
    private static let chunksPerTurn = 16

    /// Called when the descriptor is ready.
    func ready(_ readiness: Readiness) {
        if readiness.contains(.writable), isBlocked { becameWritable() }
        if !readiness.isDisjoint(with: [.readable, .broken]) { receive() }
    }

    /// Reads what has come and gives it to those who wait for it.
    func receive() {
        for _ in 0..<Self.chunksPerTurn {
            guard let descriptor = socket?.descriptor else { return }
            switch reader.receive(from: descriptor) {
            case .bytes(let more):
                deliver()
                if !more { return }
            case .nothing: return
            case .end: return end(lost("the server closed it"))
            case .failed(let code): return end(lost(systemMessage(code)))
            }
        }
    }

    /// Gives every complete reply to the closure that waits for it.
    private func deliver() {
        do throws(RedisError) {
            var count = 0
            // A closure may close the connection: then its replies are not wanted any more.
            while isOpen, let reply = try reader.next() {
                guard let closure = pending.popFirst() else { return unasked(reply) }
                count += 1
                reply.lend(at: place, to: closure)
            }
            if isOpen { answersCame(count) }
        } catch {
            end(RedisError(error.code, at: place, inDoubt: true, error.detail))
        }
    }

    /// A reply that answers nothing: an error that precedes the end, such as "max number of clients", or a defect.
    private func unasked(_ reply: borrowing OwnedReply) {
        var failure = RedisError(.protocolError, at: place, "it sent a reply to no command")
        reply.lend(at: place) { if let error = $0.error { failure = error } }
        end(failure)
    }

    private func lost(_ reason: String) -> RedisError {
        RedisError(.connectionLost, at: place, inDoubt: true, reason)
    }
}
