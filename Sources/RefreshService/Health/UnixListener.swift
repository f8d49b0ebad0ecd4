import Glibc
import Systemd

/// A listening Unix socket that this process made, and the file that belongs to it.
///
/// `descriptor` is handed on to the server, which closes it; `removeFile()` removes the file if it is still this one.
struct UnixListener: Sendable {
    let path: String
    let descriptor: Int32
    private let made: stat

    /// Makes the socket, replacing a stale file on which nobody answers.
    init(path: String) throws(HealthError) {
        guard let address = UnixAddress(path: path) else { throw .pathUnusable(path: path) }
        let claim = try DirectoryClaim(of: path)
        defer { claim.release() }
        try Self.removeStale(path, address)

        let descriptor = try Self.openSocket(path)
        // The file takes its mode from the mask alone, and a later chmod would leave a moment in which anybody may connect.
        let mask = umask(0o117)
        let bound = unsafe address.withSockaddr { unsafe bind(descriptor, $0, $1) }
        let code = errno
        umask(mask)
        guard bound == 0 else {
            close(descriptor)
            throw .listenFailed(place: path, reason: HealthError.reason(code))
        }
        // Listening before the claim is released: an unheard socket would look stale to the next process.
        var status = stat()
        guard listen(descriptor, 128) == 0, unsafe lstat(path, &status) == 0 else {
            let code = errno
            close(descriptor)
            unsafe unlink(path)
            throw .listenFailed(place: path, reason: HealthError.reason(code))
        }
        self.path = path
        self.descriptor = descriptor
        made = status
    }

    /// Removes the socket's file, unless another process has put its own there.
    func removeFile() {
        var status = stat()
        // The inode alone does not tell: it is used again as soon as the file is replaced.
        guard unsafe lstat(path, &status) == 0, status.st_dev == made.st_dev, status.st_ino == made.st_ino,
            status.st_mtim.tv_sec == made.st_mtim.tv_sec, status.st_mtim.tv_nsec == made.st_mtim.tv_nsec
        else { return }
        unsafe unlink(path)
    }

    private static func removeStale(_ path: String, _ address: UnixAddress) throws(HealthError) {
        var status = stat()
        guard unsafe lstat(path, &status) == 0 else { return }
        guard status.st_mode & S_IFMT == S_IFSOCK else { throw .pathOccupied(path: path) }
        let probe = try openSocket(path)
        defer { close(probe) }
        let answered = unsafe address.withSockaddr { unsafe connect(probe, $0, $1) } == 0
        // Anything but a refusal, a full backlog for one, means that somebody is there.
        guard !answered, errno == ECONNREFUSED else { throw .pathServed(path: path) }
        unsafe unlink(path)
    }

    private static func openSocket(_ path: String) throws(HealthError) -> Int32 {
        let kind = Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue)
        let descriptor = socket(AF_UNIX, kind, 0)
        guard descriptor >= 0 else { throw .listenFailed(place: path, reason: HealthError.reason(errno)) }
        return descriptor
    }
}
