import Glibc

/// The folder that holds all that a demonstration makes; the guard removes it.
struct ScratchFolder: Sendable {
    let path: String

    var configuration: String { path + "/rekindle.toml" }
    var schema: String { path + "/schema.sql" }
    /// Postgres' data and its socket are in a folder of its user.
    var postgres: String { path + "/postgres" }
    var redisSocket: String { path + "/redis.sock" }
    var healthSocket: String { path + "/rekindle.sock" }

    /// What a server said.
    func log(_ name: String) -> String { "\(path)/\(name).log" }

    /// Makes a folder of a new name under `parent`, or under /tmp where that is too long for sockets or has a
    /// character that a URL would have to escape.
    static func make(under parent: String?) throws(DemoError) -> ScratchFolder {
        var parent = parent ?? ""
        while parent.hasSuffix("/") { parent.removeLast() }
        let isPlain = parent.utf8.allSatisfy { byte in
            byte < 0x80 && (isalnum(Int32(byte)) != 0 || "/._-+".utf8.contains(byte))
        }
        if !parent.hasPrefix("/") || !isPlain || parent.utf8.count > 48 { parent = "/tmp" }
        var template = Array("\(parent)/rekindle-demo-XXXXXX".utf8CString)
        guard let made = unsafe mkdtemp(&template) else { throw .scratch(path: parent, errno: errno) }
        return ScratchFolder(path: unsafe String(cString: made))
    }

    /// Makes Postgres' part of it, which belongs to `account` if there is one.
    func makePostgresFolder(for account: DemoPrograms.Account?) throws(DemoError) {
        guard unsafe mkdir(postgres, 0o700) == 0 else { throw .scratch(path: postgres, errno: errno) }
        guard let account else { return }
        // Its user must reach its own folder, and see nothing else.
        guard unsafe chmod(path, 0o711) == 0, unsafe chown(postgres, account.user, account.group) == 0 else {
            throw .scratch(path: postgres, errno: errno)
        }
    }

    /// Writes a text file of the given path.
    func write(_ text: String, to file: String) throws(DemoError) {
        let descriptor = unsafe open(file, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw .scratch(path: file, errno: errno) }
        defer { close(descriptor) }
        guard writeAll(descriptor, Array(text.utf8)) else { throw .scratch(path: file, errno: errno) }
    }

    /// The last lines of a server's log.
    func tail(of name: String, lines: Int = 8) -> String {
        let descriptor = unsafe open(log(name), O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return "" }
        defer { close(descriptor) }
        let limit = 4096
        lseek(descriptor, max(0, lseek(descriptor, 0, SEEK_END) - limit), SEEK_SET)
        var buffer = [UInt8](repeating: 0, count: limit)
        let count = unsafe buffer.withUnsafeMutableBytes { unsafe read(descriptor, $0.baseAddress, $0.count) }
        let text = String(decoding: buffer.prefix(max(0, count)), as: UTF8.self)
        return text.split(separator: "\n").suffix(lines).map { "  \($0)" }.joined(separator: "\n")
    }
}

/// Writes all bytes; false when the descriptor takes no more.
func writeAll(_ descriptor: Int32, _ bytes: [UInt8]) -> Bool {
    var done = 0
    while done < bytes.count {
        let count = unsafe bytes[done...].withUnsafeBytes { unsafe Glibc.write(descriptor, $0.baseAddress, $0.count) }
        if count > 0 { done += count } else if errno != EINTR { return false }
    }
    return true
}
