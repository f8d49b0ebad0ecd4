/// What sort of thing libpq's next result is.
enum ResultKind: Equatable {
    /// A whole result, with or without rows.
    case complete
    /// One row of a stream.
    case row
    case error
    /// The end of one execution in a pipeline.
    case sync
    /// A COPY began, which nobody here speaks.
    case copy
    /// libpq has nothing more for the request.
    case end
}

/// What a connection is doing, and what each result that arrives means for it.
enum ConnectionState: Equatable {
    case idle
    /// A request was sent; what has come of it is kept.
    case waiting
    /// All of the request's results are here and have not been taken.
    case answered
    /// Rows are pulled one by one.
    case streaming
    /// So many executions of a pipeline are unanswered, and so many ends in a row have come without an answer.
    case pipeline(left: Int, ends: Int)
    /// The same of executions that are sent one behind the other; their answers are kept until they are taken.
    case queue(left: Int, ends: Int)
    case closed(PostgresError)

    /// What is done with a result.
    enum Action: Equatable {
        /// It is kept, in place of an earlier one.
        case keep
        /// It goes to the caller, as a row or as the answer of one execution.
        case deliver
        /// What was kept is the answer of one execution.
        case answer
        /// It is let go of.
        case drop
        /// The request is over.
        case finish
        case violation(String)
    }

    /// Whether the socket is read only when the caller asks: nobody knows how much there is.
    var isPulled: Bool {
        switch self {
        case .streaming, .pipeline: true
        case .idle, .waiting, .answered, .queue, .closed: false
        }
    }

    /// Whether what arrives is kept for the caller, however much it is.
    var isCollected: Bool {
        switch self {
        case .waiting, .queue: true
        case .idle, .answered, .streaming, .pipeline, .closed: false
        }
    }

    /// Begins a request, or tells why it can not.
    mutating func begin(_ request: ConnectionState) throws(PostgresError) {
        switch self {
        case .idle: self = request
        case .closed(let error): throw error
        case .waiting, .answered, .streaming, .pipeline, .queue:
            throw .misuse("A request was made of a Postgres connection that has one outstanding")
        }
    }

    /// Adds an execution to the queue, or begins one.
    mutating func enqueue() throws(PostgresError) {
        guard case .queue(let left, let ends) = self else { return try begin(.queue(left: 1, ends: 0)) }
        self = .queue(left: left + 1, ends: ends)
    }

    /// Takes note of a result and tells what to do with it.
    mutating func receive(_ kind: ResultKind) -> Action {
        switch (self, kind) {
        case (.waiting, .complete), (.waiting, .error): return .keep
        case (.waiting, .end): return finish(.answered)
        case (.streaming, .row): return .deliver
        // A stream ends with a result of no rows, or with an error, which stands until the end is read.
        case (.streaming, .complete): return .drop
        case (.streaming, .error): return .keep
        case (.streaming, .end): return finish(.idle)
        case (.pipeline(let left, let ends), _):
            return receive(kind, left, ends, as: { .pipeline(left: $0, ends: $1) }, .deliver, .drop, .finish)
        case (.queue(let left, let ends), _):
            return receive(kind, left, ends, as: { .queue(left: $0, ends: $1) }, .keep, .answer, .answer)
        case (_, .copy): return .violation("Postgres began a COPY, which is not supported")
        default: return .violation("Postgres sent a result that fits no request")
        }
    }

    /// - Parameters:
    ///   - answered: what is done with the answer of an execution.
    ///   - ended: what is done at its end, while others are left.
    ///   - finished: what is done at the end of the last.
    private mutating func receive(
        _ kind: ResultKind, _ left: Int, _ ends: Int, as state: (_ left: Int, _ ends: Int) -> ConnectionState,
        _ answered: Action, _ ended: Action, _ finished: Action
    ) -> Action {
        switch kind {
        case .complete, .error:
            self = state(left, 0)
            return answered
        case .sync where left == 1:
            self = .idle
            return finished
        case .sync:
            self = state(left - 1, 0)
            return ended
        // libpq says "end" behind each answer, and once more before it looks at the next.
        case .end where ends < 2:
            self = state(left, ends + 1)
            return .drop
        case .row, .copy, .end: return .violation("Postgres answered a pipeline out of step")
        }
    }

    private mutating func finish(_ next: ConnectionState) -> Action {
        self = next
        return .finish
    }
}
