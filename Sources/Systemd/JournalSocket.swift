import Glibc
import Synchronization

/// A way into the journal that never waits.
///
/// libsystemd's `sd_journal_sendv` is not used because it blocks: with the journal stopped or stuck, it hangs once the socket's
/// queue is full (the eleventh line at the kernel's default of `net.unix.max_dgram_qlen`), and the daemon with it. The native
/// protocol is stable and documented, so this sends the same datagram with MSG_DONTWAIT. A line that finds no room is dropped
/// and counted; the next one that gets through tells the count. Usable from any thread; it owns its descriptor.
public final class JournalSocket: Sendable {
    /// Where the journal listens.
    public static let standardPath = "/run/systemd/journal/socket"

    private let descriptor: Int32
    private let address: UnixAddress
    private let dropped = Atomic<Int>(0)

    /// Opens the way: nil when there is no journal at `path`.
    public init?(path: String = JournalSocket.standardPath) {
        guard let address = UnixAddress(path: path), unsafe access(path, W_OK) == 0 else { return nil }
        let descriptor = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { return nil }
        self.address = address
        self.descriptor = descriptor
    }

    deinit { close(descriptor) }

    /// Sends one entry, or counts it as dropped.
    func send(_ entry: JournalEntry) {
        let missed = dropped.exchange(0, ordering: .relaxed)
        var entry = entry
        if missed > 0 { entry.add(droppedLines: missed) }
        let bytes = entry.datagram
        // Sent to the address each time, not connected: the journal may be restarted with a new socket.
        let sent = unsafe address.withSockaddr { pointer, length in
            unsafe bytes.withUnsafeBytes { buffer in
                let flags = Int32(MSG_DONTWAIT) | Int32(MSG_NOSIGNAL)
                return unsafe sendto(descriptor, buffer.baseAddress, buffer.count, flags, pointer, length)
            }
        }
        if sent < 0 { dropped.add(missed + 1, ordering: .relaxed) }
    }
}
