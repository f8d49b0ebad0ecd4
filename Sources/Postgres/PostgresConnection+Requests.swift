/// What a prepared statement takes and gives, as the server sees it.
public struct StatementDescription: Sendable, Equatable {
    /// The types of `$1`, `$2` and so on, as object identifiers of Postgres' catalogue.
    public let parameterTypes: [UInt32]
    /// The names and types of the result's columns, in order; none for a statement that returns no rows.
    public let columns: [Column]

    /// One column of a result.
    public struct Column: Sendable, Equatable {
        /// Its name as the statement gives it.
        public let name: String
        /// Its type, as an object identifier.
        public let type: UInt32
    }
}

extension PostgresConnection {
    /// Starts to execute a prepared statement without waiting; `result` waits for what comes of it.
    ///
    /// The buffer is copied and can be used again at once.
    public func send(prepared name: String, _ parameters: inout ParameterBuffer) throws(PostgresError) {
        if parameters.containsNUL { throw .zeroByte }
        try begin(.waiting) { handle in handle.send(prepared: name, &parameters) }
    }

    /// Waits for what was sent to be answered, and takes the answer; the last one of several statements, the first one
    /// of several executions in a queue.
    public func result(timeout: Duration) async throws(PostgresError) -> PostgresResult {
        if isAwaited { throw .misuse("Two tasks wait for one Postgres connection") }
        let deadline = Self.deadline(timeout)
        changed = false
        while state.isCollected, kept.isEmpty {
            try await wait(until: deadline)
            changed = false
        }
        if !kept.isEmpty { return try kept.removeFirst().take() }
        if case .closed(let error) = state { throw error }
        guard state == .answered else { throw .misuse("A result was asked for where nothing was sent to Postgres") }
        state = .idle
        let answer = held.take()
        if let failure {
            self.failure = nil
            throw failure
        }
        guard let answer else { throw .protocolViolation("Postgres answered a request with nothing") }
        return answer
    }

    /// Runs one or more statements without parameters, as one transaction unless they say otherwise.
    @discardableResult
    public func execute(_ sql: String, timeout: Duration) async throws(PostgresError) -> PostgresResult {
        try Self.refuseZeroByte(sql)
        try begin(.waiting) { handle in handle.send(query: sql) }
        return try await result(timeout: timeout)
    }

    /// Prepares a statement under a name; the server settles the types of its parameters.
    public func prepare(_ name: String, _ sql: String, timeout: Duration) async throws(PostgresError) {
        try Self.refuseZeroByte(name + sql)
        try begin(.waiting) { handle in handle.sendPrepare(name, sql) }
        _ = try await result(timeout: timeout)
    }

    /// Asks what a prepared statement takes and gives.
    public func describe(
        prepared name: String, timeout: Duration
    ) async throws(PostgresError) -> StatementDescription {
        try begin(.waiting) { handle in handle.sendDescribe(name) }
        let answer = try await result(timeout: timeout)
        let columns = (0..<answer.columnCount).map { column in
            StatementDescription.Column(name: answer.columnName(column), type: answer.columnType(column))
        }
        return StatementDescription(parameterTypes: answer.parameterTypes, columns: columns)
    }

    /// Forgets a prepared statement.
    public func deallocate(_ name: String, timeout: Duration) async throws(PostgresError) {
        try await execute("DEALLOCATE \(quoteIdentifier(name))", timeout: timeout)
    }

    /// The names of types as SQL writes them, such as `integer[]`, in the order asked for.
    public func typeNames(of types: [UInt32], timeout: Duration) async throws(PostgresError) -> [String] {
        let list = types.map { String($0) }.joined(separator: ",")
        let answer = try await execute(
            "SELECT pg_catalog.format_type(t.oid, NULL) FROM pg_catalog.unnest('{\(list)}'::pg_catalog.oid[])"
                + " WITH ORDINALITY AS t(oid, n) ORDER BY t.n", timeout: timeout)
        return (0..<answer.rowCount).map { answer.string($0, 0) ?? "???" }
    }

    /// Starts to listen to all channels in one transaction, so that notifications begin at one moment for all.
    ///
    /// The names are taken as they are, in their case; longer than 63 bytes is refused, for Postgres would cut them.
    public func listen(to channels: [String], timeout: Duration) async throws(PostgresError) {
        var sql = ""
        for channel in channels {
            guard (1...63).contains(channel.utf8.count) else {
                throw .misuse("A channel's name has \(channel.utf8.count) bytes, where Postgres takes 1 to 63")
            }
            sql += "LISTEN \(try quoteIdentifier(channel)); "
        }
        if !sql.isEmpty { try await execute(sql, timeout: timeout) }
    }

    /// Quotes a name for use in SQL, whatever is in it.
    public func quoteIdentifier(_ name: String) throws(PostgresError) -> String {
        if case .closed(let error) = state { throw error }
        try Self.refuseZeroByte(name)
        guard let quoted = handle.quoteIdentifier(name) else {
            throw .misuse("A name can not be quoted for Postgres")
        }
        return quoted
    }

    /// Begins a request and sends it as far as the socket takes it; a refusal of libpq leaves the connection idle.
    func begin(
        _ request: ConnectionState, _ send: (borrowing ConnectionHandle) -> Bool
    ) throws(PostgresError) {
        try state.begin(request)
        held = nil
        failure = nil
        if send(handle) {
            flush()
        } else if handle.isBroken {
            lost()
        } else {
            state = .idle
            throw .misuse("libpq refused a request: \(handle.errorMessage.prefix { $0 != "\n" })")
        }
        if case .closed(let error) = state { throw error }
    }

    private static func refuseZeroByte(_ text: String) throws(PostgresError) {
        if text.utf8.contains(0) { throw .zeroByte }
    }
}

extension PostgresError {
    static let zeroByte = Self(
        .misuse, "A text for Postgres holds a zero byte, which it can not store", disposition: .park)
}
