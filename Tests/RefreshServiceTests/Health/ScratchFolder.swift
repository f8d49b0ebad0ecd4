import Glibc
import Testing

/// A folder that is gone with the test.
final class ScratchFolder {
    let path: String
    var socket: String { path + "/health.sock" }

    init() throws {
        var template = Array("/tmp/rekindle-health.XXXXXX".utf8CString)
        path = try #require(mkdtemp(&template).map { String(cString: $0) })
    }

    deinit {
        unlink(socket)
        rmdir(path)
    }
}
