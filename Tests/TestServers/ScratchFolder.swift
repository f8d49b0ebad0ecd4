import Glibc

/// A folder under /tmp that a lock marks as in use, so that the next run removes what a killed one left.
public final class ScratchFolder: Sendable {
    /// Where it is; short, for a socket's path may have 107 bytes.
    public let path: String
    private let lock: Int32

    /// Makes a folder named after `kind`, and removes those of its kind that nobody holds any more.
    public init?(_ kind: String) {
        Self.removeAbandoned(kind)
        var template = Array("/tmp/\(kind)-XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else { return nil }
        path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
        lock = open("\(path)/lock", O_CREAT | O_RDWR | O_CLOEXEC, 0o600)
        guard lock >= 0, flock(lock, LOCK_EX | LOCK_NB) == 0 else { return nil }
        chmod(path, 0o755)
    }

    /// Removes the folder and all in it.
    public func remove() { Self.remove(path) }

    private static func remove(_ path: String) { _ = Child.run(["rm", "-rf", "--", path]) }

    private static func removeAbandoned(_ kind: String) {
        for name in folderEntries("/tmp") where name.hasPrefix("\(kind)-") && isAbandoned("/tmp/\(name)") {
            remove("/tmp/\(name)")
        }
    }

    private static func isAbandoned(_ path: String) -> Bool {
        var facts = stat()
        // One that was made just now may not be locked yet.
        guard stat(path, &facts) == 0, time(nil) - facts.st_ctim.tv_sec > 10 else { return false }
        let lock = open("\(path)/lock", O_RDWR | O_CLOEXEC)
        if lock < 0 { return errno == ENOENT }
        defer { close(lock) }
        return flock(lock, LOCK_EX | LOCK_NB) == 0
    }
}
