import Reactor

extension RedisConnection {
    /// Sends one command of `count` arguments, its name included.
    ///
    /// - `write` appends exactly `count` arguments, and must not call this connection. With another number nothing is
    ///   sent and `reply` gets `malformedCommand`.
    /// - `reply` is called once, after the replies of all commands sent before. When the connection is
    ///   already closed it gets `closed`, not in doubt.
    public func send(
        arguments count: Int, _ write: (inout CommandWriter) -> Void, reply: @escaping ReplyClosure
    ) {
        guard isOpen else { return refuse(RedisError(.closed, at: place), reply) }
        writer.begin(arguments: count)
        write(&writer)
        if writer.argumentCount != count {
            let detail = "\(writer.argumentCount) arguments were written where \(count) were announced"
            writer.abandon()
            return refuse(RedisError(.malformedCommand, at: place, detail), reply)
        }
        if pending.isEmpty { expectReply() }
        pending.append(reply)
        if isHalfClosed {
            writer.output.removeAll()
        } else if writer.output.count >= Self.flushThreshold {
            flush()
        } else {
            flushAtEndOfTurn()
        }
    }

    /// Writes what is gathered, now; without effect while the kernel takes no more.
    public func flush() {
        if isBlocked || writer.output.isEmpty { return }
        switch unsafe writer.output.withBytes({ unsafe socket?.write($0) }) {
        case nil: return
        case .bytes(let count):
            writer.output.consume(count)
            if !writer.output.isEmpty { block() }
            wakeRoomWaits()
        case .wouldBlock: block()
        case .failed: halfClose()
        }
    }

    /// Waits until fewer than `bytes` bytes are to be written; throws `cancelled`, or why the connection ended.
    public func room(below bytes: Int) async throws(RedisError) {
        flush()
        while isOpen, outputBytes >= max(1, bytes) {
            let wait = RoomWait(bound: max(1, bytes), waiter: Waiter<Void>())
            roomWaits.append(wait)
            do {
                try await wait.waiter.wait()
            } catch {
                roomWaits.removeAll { $0.waiter === wait.waiter }
                throw RedisError(.cancelled, at: place)
            }
        }
        if let failure { throw failure }
    }

    /// Called when the kernel takes bytes again.
    func becameWritable() {
        isBlocked = false
        source?.watch(for: .readable)
        flush()
    }

    private func flushAtEndOfTurn() {
        if flushIsDue || isBlocked { return }
        flushIsDue = true
        // A job enqueued now runs after all jobs of this turn.
        EventLoop.shared.perform { [weak self] in
            self?.flushIsDue = false
            self?.flush()
        }
    }

    private func block() {
        isBlocked = true
        source?.watch(for: [.readable, .writable])
    }

    /// Nothing more can be written, but replies may still have arrived: reading goes on until it meets the
    /// end, which also wakes those who wait for room.
    private func halfClose() {
        isHalfClosed = true
        writer.output.removeAll()
        source?.watch(for: .readable)
    }

    private func wakeRoomWaits() {
        if roomWaits.isEmpty { return }
        let count = outputBytes
        for wait in roomWaits where count < wait.bound { wait.waiter.give(()) }
        roomWaits.removeAll { count < $0.bound }
    }

    /// Fails a command that was never sent, in its place among the replies that are already failing.
    private func refuse(_ error: RedisError, _ reply: @escaping ReplyClosure) {
        EventLoop.shared.perform { reply(RedisReply(failure: error)) }
    }
}
