import Glibc
import TestServers

/// One run of `rekindle demo`, the built program, in a scratch folder that is its alone.
///
/// The run and all that it starts inherit the end of a pipe: its other end says when the last of them is gone.
final class DemoProcess {
    let pid: pid_t
    /// What it was given as TMPDIR.
    let folder: String
    private let lines: LineReader
    private let life: Int32
    private(set) var output: [String] = []

    /// Starts it; its standard output and error come as one.
    init(_ arguments: [String], path: String? = nil) throws {
        var template = Array("/tmp/demo-test-XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else { throw Failure("mkdtemp failed with errno \(errno)") }
        folder = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
        // Postgres runs as a user of its own when this is root.
        chmod(folder, 0o711)
        var ends: [Int32] = [0, 0]
        var lives: [Int32] = [0, 0]
        guard Self.pipe(&ends), Self.pipe(&lives) else { throw Failure("no pipe: errno \(errno)") }
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
        posix_spawn_file_actions_adddup2(&actions, ends[1], 1)
        posix_spawn_file_actions_adddup2(&actions, ends[1], 2)
        // Far above the descriptors that the run opens by itself.
        posix_spawn_file_actions_adddup2(&actions, lives[1], 99)
        var words: [UnsafeMutablePointer<CChar>?] = ([Self.program, "demo"] + arguments).map { strdup($0) } + [nil]
        let search = path ?? getenv("PATH").map { String(cString: $0) } ?? "/usr/bin:/bin"
        // A build with a sanitizer reports where the tests say.
        let names: [String] = ["ASAN_OPTIONS", "LSAN_OPTIONS", "TSAN_OPTIONS"]
        let sanitizers = names.compactMap { name in getenv(name).map { "\(name)=\(String(cString: $0))" } }
        let environment = ["TMPDIR=\(folder)", "PATH=\(search)", "SWIFT_BACKTRACE=enable=no"] + sanitizers
        var pairs: [UnsafeMutablePointer<CChar>?] = environment.map { strdup($0) } + [nil]
        defer { for text in words + pairs { free(text) } }
        var pid = pid_t()
        let code = posix_spawn(&pid, Self.program, &actions, nil, &words, &pairs)
        close(ends[1])
        close(lives[1])
        guard code == 0 else { throw Failure("\(Self.program) can not be started: errno \(code)") }
        self.pid = pid
        lines = LineReader(ends[0])
        life = lives[0]
    }

    deinit { close(life) }

    /// Reads until a line that holds `words`, or the end of the output; gives the line.
    func line(with words: String) -> String? {
        while let line = lines.next() {
            output.append(line)
            if line.contains(words) { return line }
        }
        return nil
    }

    /// Reads all output and gives the exit code, or 128 and the signal's number.
    func end() -> Int32 {
        _ = line(with: "\u{0}")
        var status: Int32 = 0
        while waitpid(pid, &status, 0) < 0, errno == EINTR {}
        return status & 0x7F == 0 ? status >> 8 & 0xFF : 128 + status & 0x7F
    }

    /// Waits until no process that the run started lives, and tells what is left in its folder; nil after 20 seconds.
    func remains() -> [String]? {
        var request = pollfd(fd: life, events: Int16(POLLIN), revents: 0)
        guard poll(&request, 1, 20_000) == 1 else { return nil }
        let names = folderEntries(folder)
        if names.isEmpty { rmdir(folder) }
        return names
    }

    /// The folder that the run made, as it says itself.
    var scratch: String? {
        output.first { $0.contains(" in /tmp/") }.flatMap { $0.split(separator: " ").last }.map { String($0) }
    }

    private static func pipe(_ ends: inout [Int32]) -> Bool {
        socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0, &ends) == 0
    }

    /// The program, which is built beside the tests.
    private static let program: String = {
        var bundle = CommandLine.arguments.first { $0.hasSuffix(".xctest") }
        if bundle == nil, let path = realpath("/proc/self/exe", nil) {
            bundle = String(cString: path)
            free(path)
        }
        let folder = (bundle ?? "./x").split(separator: "/", omittingEmptySubsequences: false).dropLast()
        return folder.joined(separator: "/") + "/rekindle"
    }()

    struct Failure: Error, CustomStringConvertible {
        let description: String
        init(_ description: String) { self.description = description }
    }
}

/// Lines from a descriptor, which it closes.
final class LineReader {
    private let descriptor: Int32
    private var bytes: [UInt8] = []
    private var isAtEnd = false

    init(_ descriptor: Int32) { self.descriptor = descriptor }

    deinit { close(descriptor) }

    /// The next line without its end; nil behind the last.
    func next() -> String? {
        while true {
            if let end = bytes.firstIndex(of: UInt8(ascii: "\n")) {
                defer { bytes.removeSubrange(...end) }
                return String(decoding: bytes[..<end], as: UTF8.self)
            }
            if isAtEnd { return nil }
            var chunk = [UInt8](repeating: 0, count: 4096)
            let count = read(descriptor, &chunk, chunk.count)
            if count > 0 { bytes += chunk[..<count] } else if count == 0 || errno != EINTR { isAtEnd = true }
        }
    }
}
