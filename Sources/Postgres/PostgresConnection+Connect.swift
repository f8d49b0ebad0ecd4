import Reactor

extension PostgresConnection {
    /// Makes a connection, trying the URL's hosts in turn, or fails when `connectTimeout` has passed.
    ///
    /// Host names are looked up by libpq, which blocks; name addresses or sockets where that matters.
    public static func connect(_ settings: PostgresSettings) async throws(PostgresError) -> PostgresConnection {
        let deadline = deadline(settings.connectTimeout)
        let handle = try ConnectionHandle(starting: ConnectionParameters(settings))
        // libpq starts as if it had said "writing".
        var step = handle.isBroken ? ConnectionHandle.Polling.failed : .writing
        while step != .done {
            if step == .failed { throw ConnectFailure.error(handle.errorMessage) }
            do throws(WaitError) {
                try await ready(handle.socket, for: step == .reading ? .readable : .writable, until: deadline)
            } catch {
                throw unfinished(error, handle.errorMessage, settings.connectTimeout)
            }
            step = handle.poll()
        }
        if settings.refusesStandby, handle.parameterStatus("in_hot_standby") == "on" {
            throw PostgresError(
                .connectionFailed,
                "The server is a hot standby, which takes no LISTEN and shows rows late: name the primary, or give "
                    + "the URL all hosts and target_session_attrs=read-write")
        }
        guard handle.setNonblocking() else { throw ConnectFailure.error(handle.errorMessage) }
        return PostgresConnection(adopting: handle)
    }

    /// Watches a socket that libpq may replace in its next step, and therefore for this one step only.
    private static func ready(
        _ socket: Int32, for readiness: Readiness, until deadline: Int64
    ) async throws(WaitError) {
        let progress = Waiter<Void>()
        // A socket that can not be watched is one that libpq has to look at.
        let source = try? DescriptorSource(socket, for: readiness) { _ in progress.give(()) }
        guard let source else { return }
        defer { source.cancel() }
        try await progress.wait(timeout: .nanoseconds(max(0, deadline - EventLoop.now)))
    }

    private static func unfinished(
        _ error: WaitError, _ words: String, _ timeout: Duration
    ) -> PostgresError {
        switch error {
        case .cancelled: return PostgresError(.cancelled, "The attempt to connect to Postgres was cancelled")
        case .timedOut:
            let hosts = words.isEmpty ? "" : ": \(ConnectFailure.words(words).message)"
            return PostgresError(.timedOut, "No Postgres server let us in within \(timeout)\(hosts)")
        }
    }
}
