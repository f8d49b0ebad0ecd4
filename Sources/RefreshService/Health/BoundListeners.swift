import Glibc
import NIOCore
import NIOPosix

/// The listeners of a server that is starting, and what must be undone should one of them fail.
struct BoundListeners {
    private(set) var channels: [any Channel] = []
    private(set) var files: [UnixListener] = []
    private(set) var tcpPorts: [Int] = []

    mutating func add(_ listener: HealthListener, to bootstrap: ServerBootstrap) throws(HealthError) {
        switch listener {
        case .unixSocket(let path):
            let file = try UnixListener(path: path)
            files.append(file)
            try add(bootstrap.withBoundSocket(file.descriptor), place: path)
        case .inherited(let descriptor):
            // The server library stops the process over a bad descriptor, so it is tried first.
            guard fcntl(descriptor, F_GETFD) >= 0 else {
                throw .listenFailed(place: "descriptor \(descriptor)", reason: HealthError.reason(errno))
            }
            try add(bootstrap.withBoundSocket(descriptor), place: "descriptor \(descriptor)")
        case .tcp(let host, let port):
            guard (0...65_535).contains(port) else {
                throw .listenFailed(place: "\(host):\(port)", reason: "a port is 0 to 65535")
            }
            try add(bootstrap.bind(host: host, port: port), place: "\(host):\(port)")
            tcpPorts.append(channels.last?.localAddress?.port ?? port)
        }
    }

    func removeFiles() {
        for file in files { file.removeFile() }
    }

    private mutating func add(_ starting: EventLoopFuture<any Channel>, place: String) throws(HealthError) {
        do {
            channels.append(try starting.wait())
        } catch {
            throw .listenFailed(place: place, reason: "\(error)")
        }
    }
}
