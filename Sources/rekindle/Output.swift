import Glibc

/// Prints a line; a closed pipe ends the program quietly, as it does any filter.
func standardOutput(_ line: String) { write(line, to: 1) }

/// Prints a line for people, apart from what a program may read.
func standardError(_ line: String) { write(line, to: 2) }

private func write(_ line: String, to descriptor: Int32) {
    var bytes = Array((line + "\n").utf8)[...]
    while !bytes.isEmpty {
        let count = unsafe bytes.withUnsafeBytes { unsafe write(descriptor, $0.baseAddress, $0.count) }
        if count < 0, errno == EINTR { continue }
        if count <= 0 { return }
        bytes = bytes.dropFirst(count)
    }
}
