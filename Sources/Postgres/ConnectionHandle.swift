import CPostgres
import Glibc

/// The connection as libpq holds it, finished with this value; nothing here waits.
///
/// Once closed, every call finds nothing to do or fails: libpq takes a null connection everywhere.
@safe struct ConnectionHandle: ~Copyable {
    /// What libpq wants before its next step of connecting.
    enum Polling { case reading, writing, done, failed }
    /// How far what was sent has left.
    enum Flush { case done, partial, failed }

    private var raw: OpaquePointer?
    let notices = NoticeSink()

    /// Starts to connect. Names of hosts are looked up here and in `poll`, and that does block.
    init(starting parameters: consuming ConnectionParameters) throws(PostgresError) {
        var values = ParameterBuffer()
        swap(&values, &parameters.values)
        let started = unsafe parameters.keywords.withPointers { keywords in
            unsafe values.withPointers { unsafe PQconnectStartParams(keywords, $0, 1) }
        }
        guard let started = unsafe started??.map({ unsafe $0 }) else {
            throw PostgresError(.connectionFailed, "There is no memory for a connection to Postgres")
        }
        unsafe raw = started
        unsafe PQsetNoticeReceiver(raw, PostgresResult.noticeReceiver, Unmanaged.passUnretained(notices).toOpaque())
        // The code of a refusal is told in no other way than in the text of a verbose message.
        unsafe PQsetErrorVerbosity(raw, PQERRORS_VERBOSE)
    }

    deinit { unsafe PQfinish(raw) }

    /// Says goodbye without waiting, and frees the connection.
    mutating func close() {
        unsafe PQfinish(raw)
        unsafe raw = nil
    }
}

// MARK: - Connecting and looking

extension ConnectionHandle {
    /// The next step of connecting; the socket may be another one afterwards.
    func poll() -> Polling {
        switch unsafe PQconnectPoll(raw) {
        case PGRES_POLLING_OK: .done
        case PGRES_POLLING_READING: .reading
        case PGRES_POLLING_WRITING: .writing
        default: .failed
        }
    }

    var socket: Int32 { unsafe PQsocket(raw) }
    var isBroken: Bool { unsafe PQstatus(raw) == CONNECTION_BAD }
    var backendPID: Int32 { unsafe PQbackendPID(raw) }
    var serverVersion: Int32 { unsafe PQserverVersion(raw) }
    /// libpq's own words about what failed last.
    var errorMessage: String { unsafe String(cString: PQerrorMessage(raw)) }

    func parameterStatus(_ name: String) -> String? {
        unsafe PQparameterStatus(raw, name).map { unsafe String(cString: $0) }
    }

    func quoteIdentifier(_ name: String) -> String? {
        let quoted = unsafe PQescapeIdentifier(raw, name, name.utf8.count)
        defer { unsafe PQfreemem(quoted) }
        return unsafe quoted.map { unsafe String(cString: $0) }
    }

    /// From here on no call blocks.
    func setNonblocking() -> Bool { unsafe PQsetnonblocking(raw, 1) == 0 }
}

// MARK: - Reading

extension ConnectionHandle {
    /// Reads what the socket has; false when the connection is gone.
    func consumeInput() -> Bool {
        guard unsafe PQconsumeInput(raw) != 0 else { return false }
        if unsafe PQsslInUse(raw) != 0 { return consumeDecrypted() }
        return true
    }

    /// Reads on while OpenSSL holds decrypted bytes: the socket does not become readable for those.
    private func consumeDecrypted() -> Bool {
        let session = unsafe PQsslStruct(raw, "OpenSSL")
        while unsafe TLSPending.count(session) > 0 {
            guard unsafe PQconsumeInput(raw) != 0 else { return false }
        }
        return true
    }

    /// Whether the next result has not wholly arrived: `nextResult` would block.
    var isBusy: Bool { unsafe PQisBusy(raw) != 0 }

    /// The next result of what was sent last, nil at its end; call it only when not busy.
    func nextResult() -> PostgresResult? {
        guard let result = unsafe PQgetResult(raw) else { return nil }
        return unsafe PostgresResult(adopting: result)
    }

    /// A notification that has been received and not handed out.
    func nextNotification() -> PostgresNotification? {
        guard let notification = unsafe PQnotifies(raw) else { return nil }
        return unsafe PostgresNotification(adopting: notification)
    }
}

// MARK: - Sending

extension ConnectionHandle {
    func flush() -> Flush {
        switch unsafe PQflush(raw) {
        case 0: .done
        case 1: .partial
        default: .failed
        }
    }

    func send(query: String) -> Bool { unsafe PQsendQuery(raw, query) != 0 }
    func sendPrepare(_ name: String, _ sql: String) -> Bool { unsafe PQsendPrepare(raw, name, sql, 0, nil) != 0 }
    func sendDescribe(_ name: String) -> Bool { unsafe PQsendDescribePrepared(raw, name) != 0 }

    func send(prepared name: String, _ parameters: inout ParameterBuffer) -> Bool {
        let count = Int32(clamping: parameters.count)
        return unsafe parameters.withPointers { values in
            unsafe PQsendQueryPrepared(raw, name, count, values, nil, nil, 0) != 0
        } ?? false
    }

    /// Has rows come one by one; right after `send(query:)`.
    func setSingleRowMode() -> Bool { unsafe PQsetSingleRowMode(raw) != 0 }

    /// Queues one execution for each run of `width` parameters, each with a sync point of its own.
    func sendPipeline(
        prepared name: String, executions: Int, width: Int, _ parameters: inout ParameterBuffer
    ) -> Bool {
        guard unsafe PQenterPipelineMode(raw) != 0 else { return false }
        return unsafe parameters.withPointers { values in
            for execution in 0..<executions {
                let first = unsafe values + execution * width
                guard unsafe PQsendQueryPrepared(raw, name, Int32(clamping: width), first, nil, nil, 0) != 0,
                    unsafe PQpipelineSync(raw) != 0
                else { return false }
            }
            return true
        } ?? false
    }

    /// Queues one execution with a sync point of its own, behind those that are queued.
    func enqueue(prepared name: String, _ parameters: inout ParameterBuffer) -> Bool {
        let count = Int32(clamping: parameters.count)
        guard unsafe PQpipelineStatus(raw) != PQ_PIPELINE_OFF || PQenterPipelineMode(raw) != 0 else { return false }
        return unsafe parameters.withPointers { values in
            unsafe PQsendQueryPrepared(raw, name, count, values, nil, nil, 0) != 0 && PQpipelineSync(raw) != 0
        } ?? false
    }

    func leavePipeline() -> Bool { unsafe PQexitPipelineMode(raw) != 0 }
}
