import Benchmark
import Redis
import RefreshCore

/// Values on their way to Redis: `SET prefix+key value PX ttl`, copied once into a connection's output buffer.
enum CommandWriting {
    static func register() {
        measured("write: SET of a key and 200 bytes", sets())
    }

    /// As many commands as fit the block that a buffer begins with: memory is asked for once for all of them.
    private static let commandsOfBlock = 200

    private static func sets() -> (Int) -> Void {
        let head = PreparedWords(beginning: ["SET"], of: 5)
        let expiry = PreparedWords(["PX", "3600000"])
        let prefix = Array("items:".utf8)
        let value = [UInt8](repeating: UInt8(ascii: "v"), count: 200)
        let keys = (0..<commandsOfBlock).map { Bytes("\($0 * 7919)") }
        return { count in
            for _ in 0..<(count / commandsOfBlock) {
                var writer = CommandWriter()
                for key in keys {
                    writer.append(head)
                    prefix.withUnsafeBytes { prefix in
                        key.withUnsafeBytes { writer.appendParts(prefix, $0) }
                    }
                    value.withUnsafeBytes { writer.append(bytes: $0) }
                    writer.append(expiry)
                }
                blackHole(writer.argumentCount)
            }
        }
    }
}
