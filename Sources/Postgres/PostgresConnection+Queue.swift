/// The answer to one execution, kept until it is taken.
final class KeptAnswer {
    private var result: PostgresResult?
    private let failure: PostgresError?

    init(_ result: consuming PostgresResult?, _ failure: PostgresError?) {
        self.result = result
        self.failure = failure
    }

    /// Takes it, once.
    func take() throws(PostgresError) -> PostgresResult {
        if let failure { throw failure }
        guard let result = result.take() else { throw .protocolViolation("Postgres answered a request with nothing") }
        return result
    }
}

extension PostgresConnection {
    /// Sends an execution of a prepared statement behind those that are under way, if there are any: the server goes
    /// from one to the next by itself. Each is a transaction of its own.
    ///
    /// The buffer is copied and can be used again at once. Take the answers with `result`, one for each, in their order;
    /// the failure of one execution touches no other. Behind the last the connection is free for other requests.
    public func enqueue(prepared name: String, _ parameters: inout ParameterBuffer) throws(PostgresError) {
        if parameters.containsNUL { throw .zeroByte }
        if state == .idle {
            held = nil
            failure = nil
        }
        try state.enqueue()
        if handle.enqueue(prepared: name, &parameters) {
            flush()
        } else if handle.isBroken {
            lost()
        } else {
            // Half of a request may be on its way.
            lose(.misuse("libpq refused a request: \(handle.errorMessage.prefix { $0 != "\n" })"))
        }
        if case .closed(let error) = state { throw error }
    }

    /// An execution has ended: what was kept of it is its answer.
    func keepAnswer() {
        kept.append(KeptAnswer(held.take(), failure))
        failure = nil
        wake()
    }
}
