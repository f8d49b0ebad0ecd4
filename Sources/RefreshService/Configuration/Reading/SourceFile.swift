import Glibc

/// Reads small regular files: configurations, SQL and credentials.
struct SourceFile {
    /// Which file it is, by whatever name: `a.toml` and `./a.toml` are one.
    struct Identity: Hashable {
        let device: UInt64
        let number: UInt64
    }

    let identity: Identity
    let bytes: [UInt8]

    /// 4 MiB, the most that is read of a file.
    static let largest = 4 << 20

    /// Opens and reads a file; throws a sentence about it, which begins with what went wrong.
    init(path: String) throws(Complaint) {
        // Without O_NONBLOCK the open of a FIFO would wait for a writer.
        let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY)
        guard descriptor >= 0 else { throw Complaint(systemError()) }
        defer { close(descriptor) }
        var status = stat()
        guard unsafe fstat(descriptor, &status) == 0 else { throw Complaint(systemError()) }
        guard status.st_mode & S_IFMT == S_IFREG else { throw Complaint("it is not a regular file") }
        identity = Identity(device: UInt64(status.st_dev), number: UInt64(status.st_ino))
        bytes = try Self.read(descriptor)
    }

    private static func read(_ descriptor: Int32) throws(Complaint) -> [UInt8] {
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 64 << 10)
        while true {
            let count = unsafe chunk.withUnsafeMutableBytes { unsafe Glibc.read(descriptor, $0.baseAddress, $0.count) }
            if count == 0 { return bytes }
            if count < 0 {
                if errno == EINTR { continue }
                throw Complaint(systemError())
            }
            guard bytes.count + count <= largest else { throw Complaint("it is larger than 4 MiB") }
            bytes.append(contentsOf: chunk[..<count])
        }
    }

    /// True when something has this path, readable or not.
    static func exists(_ path: String) -> Bool { unsafe access(path, F_OK) == 0 }

    /// The path that a file means when it names another: relative to its own directory.
    static func path(_ path: String, namedIn file: String) -> String {
        guard !path.hasPrefix("/"), let slash = file.lastIndex(of: "/") else { return path }
        return file[...slash] + path
    }
}

/// What the last call to the system complained about, as a clause.
private func systemError() -> String { unsafe String(cString: strerror(errno)) }
