import Glibc
import TestServers

/// A Unix socket that answers the first client with fixed bytes.
final class FakeServer: Sendable {
    let path: String
    private let descriptor: Int32

    init(answering text: String) throws {
        path = "/tmp/rekindle-fake-\(getpid())-\(UInt32.random(in: 0 ... .max))"
        descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        let path = path
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
        withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                _ = bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
        listen(descriptor, 5)
        var thread = pthread_t()
        let order = Unmanaged.passRetained(Order(listener: descriptor, text: text))
        pthread_create(
            &thread, nil,
            { argument in
                guard let argument else { return nil }
                let order = Unmanaged<Order>.fromOpaque(argument).takeRetainedValue()
                let client = accept(order.listener, nil, nil)
                _ = order.text.withCString { write(client, $0, strlen($0)) }
                // Until the client hangs up, for a reset would hide the answer.
                var bytes = [UInt8](repeating: 0, count: 1024)
                while read(client, &bytes, bytes.count) > 0 {}
                close(client)
                return nil
            }, order.toOpaque())
        pthread_detach(thread)
    }

    deinit {
        close(descriptor)
        unlink(path)
    }

    private final class Order {
        let listener: Int32
        let text: String

        init(listener: Int32, text: String) {
            self.listener = listener
            self.text = text
        }
    }
}

extension RedisServer {
    /// Puts a folder where the server, started with `--dbfilename folder.rdb`, writes its dump: that fails even for root.
    func makeDumpFail() {
        mkdir(folder + "/folder.rdb", 0o700)
        mkdir(folder + "/folder.rdb/x", 0o700)
    }
}
