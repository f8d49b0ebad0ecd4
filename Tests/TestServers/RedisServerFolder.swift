import Glibc

/// The scratch folders of this run's servers, named after the process, so that a later run finds those of dead ones.
enum RedisServerFolder {
    private static let name = "rekindle-redis-"

    private static var parent: String {
        guard let variable = getenv("TMPDIR") else { return "/tmp" }
        return String(cString: variable)
    }

    /// Once a run: removes what dead runs left.
    private static let sweep: Void = {
        for found in folderEntries(parent) where found.hasPrefix(name) {
            guard let owner = pid_t(found.dropFirst(name.count).prefix { $0 != "-" }) else { continue }
            if Glibc.kill(owner, 0) != 0, errno == ESRCH { remove(parent + "/" + found) }
        }
    }()

    /// Makes a folder; short, for a socket's path may have 107 bytes.
    static func make() throws -> String {
        _ = sweep
        var template = Array("\(parent)/\(name)\(getpid())-XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else { throw RedisServerFailure("mkdtemp failed with errno \(errno).") }
        return String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    /// Removes a folder with all that is in it.
    static func remove(_ path: String) {
        for entry in folderEntries(path) where unlink(path + "/" + entry) != 0 { remove(path + "/" + entry) }
        rmdir(path)
    }

    /// A port that was free a moment ago; below the ephemeral ones, and with the cluster's port (+ 10,000) in range.
    static func freePort() throws -> UInt16 {
        for _ in 0..<100 {
            let port = UInt16.random(in: 20_000..<30_000)
            if isFree(port) { return port }
        }
        throw RedisServerFailure("No free port between 20000 and 30000.")
    }

    private static func isFree(_ port: UInt16) -> Bool {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        defer { close(descriptor) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        address.sin_port = port.bigEndian
        return withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
            }
        }
    }
}
