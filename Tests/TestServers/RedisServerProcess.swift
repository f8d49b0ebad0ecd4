import Dispatch
import Glibc

/// A child process that a thread of its own starts, listens to and waits for.
///
/// The thread lives exactly as long as the child: `setpriv --pdeathsig` kills a child when the *thread* that started it
/// ends, and a thread of a pool may end at any time.
///
/// Unchecked Sendable: `text` is touched under `lock`; `id` is written before `started` is signalled.
final class RedisServerProcess: @unchecked Sendable {
    private(set) var id: pid_t = 0
    private let lock = DispatchSemaphore(value: 1)
    private let started = DispatchSemaphore(value: 0)
    private let ended = DispatchSemaphore(value: 0)
    private var text = ""
    private var isReady = false
    private var hasEnded = false
    private let arguments: [String]

    /// Starts a redis-server and waits until it says that it accepts connections.
    init(_ arguments: [String]) throws {
        self.arguments = ["setpriv", "--pdeathsig", "KILL"] + arguments
        var thread = pthread_t()
        let box = Unmanaged.passRetained(self)
        let made = pthread_create(
            &thread, nil,
            { argument in
                guard let argument else { return nil }
                Unmanaged<RedisServerProcess>.fromOpaque(argument).takeRetainedValue().attend()
                return nil
            }, box.toOpaque())
        guard made == 0 else {
            box.release()
            throw RedisServerFailure("No thread for redis-server.")
        }
        pthread_detach(thread)
        let inTime = started.wait(timeout: .now() + 20) == .success
        guard inTime, locked({ isReady }) else {
            end(with: SIGKILL)
            throw RedisServerFailure("redis-server did not start. Its log:\n\(log)")
        }
    }

    /// What it printed, at most the last part.
    var log: String { locked { text } }

    /// Sends it a signal, when it still runs.
    func signal(_ number: Int32) {
        locked { if id > 0, !hasEnded { Glibc.kill(id, number) } }
    }

    /// Sends it a signal and waits until it is gone; insists after five seconds.
    func end(with number: Int32) {
        signal(number)
        if ended.wait(timeout: .now() + 5) == .timedOut {
            signal(SIGKILL)
            ended.wait()
        }
        ended.signal()
    }

    private func attend() {
        let (child, pipe) = Self.spawn(arguments)
        locked { id = child }
        guard child > 0 else {
            locked { hasEnded = true }
            started.signal()
            ended.signal()
            return
        }
        var bytes = [UInt8](repeating: 0, count: 4096)
        while true {
            let count = read(pipe, &bytes, bytes.count)
            if count <= 0 { break }
            heard(String(decoding: bytes[..<count], as: UTF8.self))
        }
        close(pipe)
        // The id stays ours until it is waited for; after that nobody may signal it.
        var information = siginfo_t()
        waitid(P_PID, id_t(child), &information, WEXITED | WNOWAIT)
        locked { hasEnded = true }
        waitpid(child, nil, 0)
        started.signal()
        ended.signal()
    }

    private func heard(_ part: String) {
        let becameReady = locked {
            text = String((text + part).suffix(16_384))
            guard !isReady, text.contains("eady to accept connections") else { return false }
            isReady = true
            return true
        }
        if becameReady { started.signal() }
    }

    private func locked<Result>(_ body: () -> Result) -> Result {
        lock.wait()
        defer { lock.signal() }
        return body()
    }

    /// Runs a program to its end and returns what it printed.
    static func output(of arguments: [String]) -> String {
        let (child, pipe) = spawn(arguments)
        guard child > 0 else { return "" }
        var output: [UInt8] = []
        var bytes = [UInt8](repeating: 0, count: 65536)
        while true {
            let count = read(pipe, &bytes, bytes.count)
            if count <= 0 { break }
            output += bytes[..<count]
        }
        close(pipe)
        waitpid(child, nil, 0)
        return String(decoding: output, as: UTF8.self)
    }

    /// Starts a program with an empty input; what it prints comes out of the descriptor.
    private static func spawn(_ arguments: [String]) -> (pid_t, Int32) {
        var ends: [Int32] = [-1, -1]
        // Close-on-exec from birth: a child that another thread starts meanwhile must not hold our end open.
        let kind = Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue)
        guard socketpair(AF_UNIX, kind, 0, &ends) == 0 else { return (-1, -1) }
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
        posix_spawn_file_actions_adddup2(&actions, ends[1], 1)
        posix_spawn_file_actions_adddup2(&actions, ends[1], 2)
        var pointers: [UnsafeMutablePointer<CChar>?] = arguments.map { strdup($0) } + [nil]
        defer { for pointer in pointers { free(pointer) } }
        var child: pid_t = -1
        if posix_spawnp(&child, arguments[0], &actions, nil, &pointers, environ) != 0 { child = -1 }
        close(ends[1])
        if child < 0 { close(ends[0]) }
        return (child, ends[0])
    }
}
