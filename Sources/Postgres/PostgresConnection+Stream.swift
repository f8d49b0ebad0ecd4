/// What there is to take from a stream without waiting.
public enum StreamStep: ~Copyable {
    /// One row, as a result of its own.
    case row(PostgresResult)
    /// What has arrived is used up: `nextRow` waits for more.
    case pending
    case end
    case failed(PostgresError)
}

extension PostgresConnection {
    /// Starts a statement whose rows are taken one by one; `timeout` is for the wait for each of them.
    ///
    /// Nothing is read while nobody waits in `nextRow`, so the server stands still in the middle of the statement.
    public func stream(_ sql: String, timeout: Duration) throws(PostgresError) {
        if sql.utf8.contains(0) { throw .zeroByte }
        rowTimeout = timeout
        try begin(.streaming) { handle in handle.send(query: sql) && handle.setSingleRowMode() }
    }

    /// Takes a row if one has arrived; it never reads the socket, so that a fast server can not hold the loop.
    public func takeRow() -> StreamStep { pull() }

    /// Waits for the next row; nil behind the last.
    public func nextRow() async throws(PostgresError) -> PostgresResult? { try await next(timeout: rowTimeout) }

    /// Gives a stream up. One that is not at its end closes the connection, for libpq can not cancel without blocking.
    public func cancelStream() {
        if state == .streaming { lose(.closed) }
    }

    /// Takes a row of a stream or an answer of a pipeline that has arrived.
    private func pull() -> StreamStep {
        while state.isPulled {
            if handle.isBusy { return .pending }
            if let result = advance() { return .row(result) }
        }
        if case .closed(let error) = state { return .failed(error) }
        if let failure {
            self.failure = nil
            return .failed(failure)
        }
        return .end
    }

    /// Waits for a row of a stream or an answer of a pipeline.
    func next(timeout: Duration) async throws(PostgresError) -> PostgresResult? {
        if isAwaited { throw .misuse("Two tasks wait for one Postgres connection") }
        var deadline: Int64?
        while true {
            changed = false
            switch pull() {
            case .row(let result): return result
            case .end: return nil
            case .failed(let error): throw error
            case .pending:
                let due = deadline ?? Self.deadline(timeout)
                deadline = due
                try await wait(until: due)
            }
        }
    }
}
