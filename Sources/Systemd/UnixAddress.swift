package import Glibc

/// The address of a Unix socket in the file system.
package struct UnixAddress: Sendable {
    private let storage: sockaddr_un

    /// Nil for a path that is empty, holds a NUL or has more than 107 bytes, the kernel's limit.
    package init?(path: String) {
        var storage = sockaddr_un()
        let bytes = Array(path.utf8)
        guard !bytes.isEmpty, bytes.count < 108, !bytes.contains(0) else { return nil }
        storage.sun_family = sa_family_t(AF_UNIX)
        unsafe withUnsafeMutableBytes(of: &storage.sun_path) { unsafe $0.copyBytes(from: bytes) }
        self.storage = storage
    }

    /// Lends the address to a system call.
    package func withSockaddr<Result>(_ body: (UnsafePointer<sockaddr>, socklen_t) -> Result) -> Result {
        unsafe withUnsafePointer(to: storage) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                unsafe body($0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
    }
}
