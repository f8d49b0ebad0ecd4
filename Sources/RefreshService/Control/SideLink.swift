import Reactor
import Redis
import RefreshCore

/// A second connection to Redis, for what is read and marked for clients: what is written goes without answers, and
/// a slow answer here holds no write up.
///
/// It is made when first needed, and kept.
@Loop
final class SideLink {
    private let settings: LiveSettings
    private var connection: RedisConnection?
    private let wanted = Waiter<Void>()
    private var waiting: [(RedisConnection?) -> Void] = []
    /// No attempt to connect is made before then.
    private var triesAgain = Moment(nanoseconds: .min)

    init(_ settings: LiveSettings) { self.settings = settings }

    /// Connects when somebody wants to ask something, until the task is cancelled.
    func run() async {
        while !Task.isCancelled {
            do { try await wanted.wait() } catch { break }
            if connection?.isOpen != true {
                connection = try? await RedisConnection.connect(settings.current.redis)
                if connection == nil { triesAgain = .now + .milliseconds(100) }
            }
            handOut()
        }
        connection?.close()
        connection = nil
        handOut()
    }

    /// Makes the connection anew by the settings in force.
    func reconnect() {
        connection?.close()
        connection = nil
    }

    /// The connection, made when there is none; nil when Redis can not be reached.
    func connected() async throws(WaitError) -> RedisConnection? {
        let waiter = Waiter<RedisConnection?>()
        open { waiter.give($0) }
        return try await waiter.wait()
    }

    /// Sends a command and hands over a copy of its answer; nil when Redis could not be asked, or refused.
    func ask(arguments: [[UInt8]], then: @escaping (RedisValue?) -> Void) {
        open { connection in
            guard let connection else { return then(nil) }
            connection.send(
                arguments: arguments.count,
                { writer in for argument in arguments { writer.append(argument) } },
                reply: { reply in
                    do throws(RedisError) { then(try reply.value()) } catch { then(nil) }
                })
        }
    }

    private func open(_ body: @escaping (RedisConnection?) -> Void) {
        if let connection, connection.isOpen { return body(connection) }
        // Somebody has just found out that nobody is there.
        if triesAgain > .now { return body(nil) }
        waiting.append(body)
        wanted.give(())
    }

    private func handOut() {
        let bodies = waiting
        waiting = []
        let open = connection?.isOpen == true ? connection : nil
        for body in bodies { body(open) }
    }
}
