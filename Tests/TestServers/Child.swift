public import Glibc

/// A child process whose output is read to its end.
public enum Child {
    /// Starts a program of `PATH`; its standard output and error go to `output`, its input comes from `input` if given.
    public static func start(_ arguments: [String], input: Int32? = nil, output: Int32) -> pid_t? {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        if let input {
            posix_spawn_file_actions_adddup2(&actions, input, 0)
        } else {
            posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
        }
        posix_spawn_file_actions_adddup2(&actions, output, 1)
        posix_spawn_file_actions_adddup2(&actions, output, 2)
        var words: [UnsafeMutablePointer<CChar>?] = arguments.map { strdup($0) } + [nil]
        defer { for word in words { free(word) } }
        // Signals that the test process blocks for its loop must not be blocked in a server.
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        var none = sigset_t()
        sigemptyset(&none)
        posix_spawnattr_setsigmask(&attributes, &none)
        posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK))
        var pid = pid_t()
        return posix_spawnp(&pid, arguments[0], &actions, &attributes, &words, environ) == 0 ? pid : nil
    }

    /// Makes a pipe that no other child inherits by accident; glibc's `pipe2` is not visible from Swift.
    public static func pipe(_ ends: inout [Int32]) -> Bool {
        socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0, &ends) == 0
    }

    /// Runs a program to its end; gives its exit code (-1 when a signal ended it) and what it wrote.
    public static func run(_ arguments: [String]) -> (code: Int32, output: String) {
        var ends: [Int32] = [0, 0]
        guard pipe(&ends) else { return (-1, "no pipe: errno \(errno)") }
        let pid = start(arguments, output: ends[1])
        close(ends[1])
        var text = ""
        lines(of: ends[0]) { text += $0 + "\n" }
        guard let pid else { return (-1, "\(arguments[0]) can not be started") }
        return (wait(for: pid), text)
    }

    /// Calls `line` for each line that is written to the other end of a pipe, then closes this one.
    ///
    /// Without stdio, whose streams `exit` and `fflush(nil)` of another thread would wait for.
    public static func lines(of descriptor: Int32, _ line: (String) -> Void) {
        var chunk = [UInt8](repeating: 0, count: 4096)
        var open: [UInt8] = []
        while true {
            let count = read(descriptor, &chunk, chunk.count)
            if count < 0, errno == EINTR { continue }
            if count <= 0 { break }
            for byte in chunk[..<count] {
                if byte == UInt8(ascii: "\n") {
                    line(String(decoding: open, as: UTF8.self))
                    open.removeAll(keepingCapacity: true)
                } else {
                    open.append(byte)
                }
            }
        }
        if !open.isEmpty { line(String(decoding: open, as: UTF8.self)) }
        close(descriptor)
    }

    /// Waits for a child to end.
    public static func wait(for pid: pid_t) -> Int32 {
        var status: Int32 = 0
        while waitpid(pid, &status, 0) < 0 { if errno != EINTR { return -1 } }
        return status & 0x7f == 0 ? (status >> 8) & 0xff : -1
    }
}
