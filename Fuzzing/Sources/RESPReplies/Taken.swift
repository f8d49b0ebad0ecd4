import FuzzSupport

@testable import Redis

/// All that can be taken out of a reply.
struct Taken: Equatable {
    let value: Result<RedisValue, RedisError>
    let isNull: Bool
    let count: Int?

    init(_ reply: borrowing RedisReply) {
        value = Result { () throws(RedisError) in try reply.value() }
        isNull = reply.isNull
        count = reply.elementCount
        expect(reply.withElement(count ?? 0) { _ in } == nil, "there is an element behind the last")
        expect(reply.withElement(-1) { _ in } == nil, "there is an element before the first")
        expect(!reply.equals("OK") || value == .success(.bytes(Array("OK".utf8))), "OK is something else")
        if let error = reply.error {
            expect(error.code == .server && value == .failure(error), "an error reply is no error")
            expect(!error.description.contains("\n"), "an error is not one line")
        }
    }
}
