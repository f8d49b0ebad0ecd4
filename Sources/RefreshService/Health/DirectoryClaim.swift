import Glibc

/// The right to replace a socket file in a directory, held by one process at a time.
///
/// Without it two instances that start together may both find the file stale and remove each other's. The directory itself
/// is locked, so that no lock file is left behind; the kernel releases the lock should the process die.
struct DirectoryClaim {
    private let descriptor: Int32

    init(of path: String) throws(HealthError) {
        let directory = path.lastIndex(of: "/").map { $0 == path.startIndex ? "/" : String(path[..<$0]) } ?? "."
        descriptor = unsafe open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else {
            throw .listenFailed(place: path, reason: "the directory: " + HealthError.reason(errno))
        }
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
            close(descriptor)
            throw .pathServed(path: path)
        }
    }

    func release() {
        close(descriptor)
    }
}
