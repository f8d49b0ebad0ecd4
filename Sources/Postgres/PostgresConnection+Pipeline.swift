extension PostgresConnection {
    /// Starts so many executions of one prepared statement without waiting, each a transaction of its own.
    ///
    /// `parameters` holds those of the first, then those of the second, and so on; it is copied. Take the answers with
    /// `nextAnswer` until it gives nil: they are read only then, while what is left to send goes out meanwhile.
    public func sendPipelined(
        prepared name: String, executions: Int, _ parameters: inout ParameterBuffer
    ) throws(PostgresError) {
        if parameters.containsNUL { throw .zeroByte }
        guard executions > 0, parameters.count % executions == 0 else {
            throw .misuse("\(parameters.count) parameters do not make \(executions) executions")
        }
        let width = parameters.count / executions
        try begin(.pipeline(left: executions, ends: 0)) { handle in
            handle.sendPipeline(prepared: name, executions: executions, width: width, &parameters)
        }
    }

    /// Waits for the answer of the next execution, in their order; nil behind the last.
    ///
    /// The failure of one execution is in its answer and touches no other; what is thrown ends the connection.
    public func nextAnswer(
        timeout: Duration
    ) async throws(PostgresError) -> Result<PostgresResult, PostgresError>? {
        guard let answer = try await next(timeout: timeout) else { return nil }
        if answer.kind == .error { return .failure(answer.report.error) }
        return .success(answer)
    }
}
