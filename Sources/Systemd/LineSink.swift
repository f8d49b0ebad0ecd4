import Glibc
import Synchronization

/// Where lines go: a descriptor that is written to only while it has room.
///
/// Usable from any thread. It does not own the descriptor.
final class LineSink: Sendable {
    /// Standard error of this process.
    static let standardError = LineSink(descriptor: STDERR_FILENO)

    private let descriptor: Int32
    private let dropped = Atomic<Int>(0)

    init(descriptor: Int32) {
        self.descriptor = descriptor
    }

    /// Writes the line with one call, or counts it as dropped.
    func write(_ line: LogLine) {
        let missed = dropped.exchange(0, ordering: .relaxed)
        let bytes = line.bytes(droppedLines: missed)
        // The descriptor stays in blocking mode, since others share it; it says beforehand whether it would block.
        guard hasRoom(), unsafe bytes.withUnsafeBytes({ unsafe Glibc.write(descriptor, $0.baseAddress, $0.count) }) >= 0
        else {
            dropped.add(missed + 1, ordering: .relaxed)
            return
        }
    }

    private func hasRoom() -> Bool {
        var request = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
        return unsafe poll(&request, 1, 0) == 1 && request.revents & Int16(POLLOUT) != 0
    }
}
