import Glibc

/// Small files, whole.
enum Files {
    /// The text of a file; empty when there is none.
    static func read(_ path: String) -> String {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return "" }
        defer { close(descriptor) }
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 65_536)
        while case let count = Glibc.read(descriptor, &chunk, chunk.count), count > 0 { bytes += chunk[..<count] }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// Writes a file and the folders above it.
    static func write(_ text: String, to path: String, mode: mode_t = 0o644) throws {
        try makeFolder(parent(of: path))
        let descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, mode)
        guard descriptor >= 0 else { throw Trouble("\(path) can not be written: errno \(errno).") }
        defer { close(descriptor) }
        fchmod(descriptor, mode)
        var rest = Array(text.utf8)[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            guard count > 0 else { throw Trouble("\(path) can not be written: errno \(errno).") }
            rest = rest.dropFirst(count)
        }
    }

    /// Makes a symbolic link and the folders above it; one that is there already stays.
    static func link(_ path: String, to target: String) throws {
        try makeFolder(parent(of: path))
        guard symlink(target, path) == 0 || errno == EEXIST else {
            throw Trouble("\(path) can not be made: errno \(errno).")
        }
    }

    private static func makeFolder(_ path: String) throws {
        if path.isEmpty || access(path, F_OK) == 0 { return }
        try makeFolder(parent(of: path))
        guard mkdir(path, 0o755) == 0 || errno == EEXIST else {
            throw Trouble("\(path) can not be made: errno \(errno).")
        }
        chmod(path, 0o755)
    }

    private static func parent(of path: String) -> String {
        String(path[..<(path.lastIndex(of: "/") ?? path.startIndex)])
    }
}
