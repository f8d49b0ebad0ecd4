import Reactor

extension RedisConnection {
    /// Connects, authenticates, sets the client's name and selects the database.
    ///
    /// Nothing blocks but the look-up of a host's name (see `RedisAddress`): prefer numbers or a Unix socket. Of several
    /// addresses of a name each is tried in turn. Throws `connectionFailed`, `timedOut`, `cancelled`, or
    /// `server` with what the handshake was refused for. While the server loads its data, connecting succeeds
    /// and commands get `loading`.
    public static func connect(_ settings: RedisSettings) async throws(RedisError) -> RedisConnection {
        let place = settings.address.description
        let targets: [SocketAddress]
        do { targets = try SocketAddress.resolve(settings.address.endpoint) } catch {
            throw RedisError(.connectionFailed, at: place, error.reason)
        }
        guard let reader = ReplyReader(limit: settings.replyLimit) else {
            throw RedisError(.connectionFailed, at: place, "there is no memory")
        }
        let end = EventLoop.now + sane(settings.connectTimeout).nanoseconds
        let socket = try await open(targets, settings, until: end)
        let connection = RedisConnection(socket, reader, settings)
        try connection.watch()
        try await connection.shakeHands(settings, until: end)
        return connection
    }

    /// A timeout that fits the clock, whatever was configured.
    nonisolated static func sane(_ timeout: Duration) -> Duration { min(max(timeout, .zero), .seconds(86_400)) }

    /// Tries one address after the other, all within one time.
    private static func open(
        _ targets: [SocketAddress], _ settings: RedisSettings, until end: Int64
    ) async throws(RedisError) -> RedisSocket {
        var failure = RedisError(.connectionFailed, at: settings.address.description, "its name has no address")
        for target in targets {
            do throws(RedisError) {
                return try await open(target, settings, until: end)
            } catch {
                guard error.code == .connectionFailed else { throw error }
                failure = error
            }
        }
        throw failure
    }

    private static func open(
        _ target: SocketAddress, _ settings: RedisSettings, until end: Int64
    ) async throws(RedisError) -> RedisSocket {
        let place = settings.address.description
        do {
            let socket = try RedisSocket.connecting(to: target, sendBuffer: settings.sendBufferSize)
            let ready = Waiter<Void>()
            let source = try DescriptorSource(socket.descriptor, for: .writable) { _ in ready.give(()) }
            defer { source.cancel() }
            try await ready.wait(timeout: .nanoseconds(max(0, end - EventLoop.now)))
            let code = socket.connectionFailure
            if code != 0 { throw SocketFailure(errno: code) }
            return socket
        } catch let error as SocketFailure {
            throw RedisError(.connectionFailed, at: place, error.reason)
        } catch WaitError.timedOut {
            throw RedisError(.timedOut, at: place, "\(settings.connectTimeout)")
        } catch WaitError.cancelled {
            throw RedisError(.cancelled, at: place)
        } catch {
            throw RedisError(.connectionFailed, at: place, "\(error)")
        }
    }

    /// Hands the socket to the loop.
    private func watch() throws(RedisError) {
        guard let descriptor = socket?.descriptor else { return }
        do throws(ReactorError) {
            source = try DescriptorSource(descriptor, for: .readable) { [weak self] in self?.ready($0) }
        } catch {
            throw RedisError(.connectionFailed, at: place, "\(error)")
        }
    }

    private func shakeHands(_ settings: RedisSettings, until limit: Int64) async throws(RedisError) {
        let timer = TimerSource { [weak self] in
            self?.end(RedisError(.timedOut, at: settings.address.description, "\(settings.connectTimeout)"))
        }
        timer.arm(at: limit)
        defer { timer.cancel() }
        do throws(RedisError) {
            try await introduce(settings)
        } catch {
            close()
            throw error
        }
    }

    private func introduce(_ settings: RedisSettings) async throws(RedisError) {
        let address = settings.address
        let password = address.password ?? settings.password
        if let user = address.user {
            _ = try await command("AUTH", user, password ?? "")
        } else if let password {
            _ = try await command("AUTH", password)
        }
        if address.database != 0 { _ = try await command("SELECT", String(address.database)) }
        // At least one answer is awaited, so that a server that refuses everything is found now.
        let isNamed = !settings.clientName.isEmpty
        let last = isNamed ? ["CLIENT", "SETNAME", Self.allowed(settings.clientName)] : ["PING"]
        do throws(RedisError) {
            _ = try await command(last)
        } catch {
            // A name is a courtesy: a user who may not set it, or a server that is still loading, is fine.
            switch error.kind {
            case .noPerm, .loading, .masterDown, .unknown: return
            default: throw error
            }
        }
    }

    /// The name with what the server refuses in one replaced.
    private static func allowed(_ name: String) -> String {
        String(decoding: name.utf8.map { (0x21...0x7E).contains($0) ? $0 : UInt8(ascii: "-") }, as: UTF8.self)
    }
}
