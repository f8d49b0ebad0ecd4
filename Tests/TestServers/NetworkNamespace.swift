import Glibc

/// A network of its own, in which packets can be dropped and connections reset; nothing outside of it is touched.
///
/// A process that sleeps keeps it. It dies with the object and with the test process, and the network, its rules
/// included, is gone once the programs in it have ended.
public final class NetworkNamespace: Sendable {
    private let keeper: Postmaster
    private let keeperID: pid_t

    /// Makes one with a loopback device.
    public init() throws {
        keeper = Postmaster(
            [
                "setpriv", "--pdeathsig", "KILL", "unshare", "--net", "sh", "-c",
                "ip link set lo up && nft '\(Self.table)' && echo up as $$ && exec sleep infinity",
            ], readyWord: "up as ")
        guard keeper.isReady, let id = pid_t(keeper.log.drop { !$0.isNumber }) else {
            throw NetworkFailure(description: "no network namespace (not root, or no nft?): \(keeper.log)")
        }
        keeperID = id
    }

    deinit { keeper.stop(SIGKILL) }

    /// Why none can be made here; nil when one can.
    public static let obstacle: String? = {
        do {
            _ = try NetworkNamespace()
            return nil
        } catch { return "\(error)" }
    }()

    /// What runs a program in it: to be put before the program and its arguments.
    public var launcher: [String] { ["nsenter", "--net=/proc/\(keeperID)/ns/net"] }

    /// Drops, without a word to either end, every packet of TCP from and to a port.
    public func drop(port: Int) throws {
        for side in ["sport", "dport"] { try run(["nft", "add rule inet fault input tcp \(side) \(port) drop"]) }
    }

    /// Ends every connection of TCP from a port, as a reset on the way does: both ends are told.
    public func reset(port: Int) throws { try run(["ss", "-K", "sport = :\(port) or dport = :\(port)"]) }

    /// Lets every packet pass again.
    public func heal() throws { try run(["nft", "flush chain inet fault input"]) }

    private static let table =
        "add table inet fault; add chain inet fault input { type filter hook input priority 0; }"

    private func run(_ command: [String]) throws {
        let (code, output) = Child.run(launcher + command)
        guard code == 0 else { throw NetworkFailure(description: "\(command): \(output)") }
    }
}

/// What could not be done with a network.
public struct NetworkFailure: Error, CustomStringConvertible {
    /// What failed, and what was said about it.
    public let description: String
}
