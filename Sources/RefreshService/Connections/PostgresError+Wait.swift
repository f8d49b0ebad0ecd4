import Postgres

extension PostgresError {
    /// The task was cancelled while it waited for something other than an answer.
    static var cancelledWait: PostgresError { .cancelled }
}
