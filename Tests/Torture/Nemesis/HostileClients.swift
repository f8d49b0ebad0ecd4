import Glibc
import TestDaemon

/// D10: clients of the health socket that send byte by byte or nothing, and never read.
final class HostileClients: Fault {
    private var clients: [SocketStream] = []

    var row: String { "D10" }
    var what: String { "60 health clients that never finish and never read" }
    var place: FaultPlace { .daemon }
    var length: ClosedRange<Double> { 0.5...3 }

    func inject(_ arena: Arena) throws {
        let path = arena.owner.daemon.socketPath
        for number in 0..<60 {
            guard let client = try? SocketStream(path: path) else { continue }
            let text = number % 3 == 0 ? "" : number % 3 == 1 ? "G" : "GET /status HTTP/1.1\r\nHost: x\r\n\r\n"
            if !text.isEmpty { try? client.write(Array(text.utf8)) }
            clients.append(client)
        }
    }

    func heal(_ arena: Arena) throws { clients = [] }
}
