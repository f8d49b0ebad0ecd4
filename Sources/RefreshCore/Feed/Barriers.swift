/// Decides up to where notifications have come for clients that wait for what was committed before they asked.
///
/// A nonce is notified after the client has asked. Postgres delivers in the order of commits, so that once the nonce
/// has come, everything has that was committed before. One nonce is under way at a time; who asks meanwhile waits for
/// the next.
public struct Barriers: Sendable {
    /// Clients for which no nonce is under way.
    public private(set) var asked: [UInt64] = []
    private var underway: (number: UInt64, calls: [UInt64])?
    private var last: UInt64 = 0

    /// Nobody waits.
    public init() {}

    /// A client waits from now on.
    public mutating func ask(_ call: UInt64) { asked.append(call) }

    /// The number of the nonce to send now; nil when nobody needs one, or one is under way.
    public mutating func next() -> UInt64? {
        guard underway == nil, !asked.isEmpty else { return nil }
        last += 1
        underway = (last, asked)
        asked = []
        return last
    }

    /// A nonce has come; gives the clients that have waited for it.
    public mutating func heard(_ number: UInt64) -> [UInt64] {
        guard let passed = underway, passed.number == number else { return [] }
        underway = nil
        return passed.calls
    }

    /// The nonce under way was not taken, or does not come: another is to be sent.
    public mutating func lost() {
        guard let lost = underway else { return }
        underway = nil
        asked = lost.calls + asked
    }

    /// A client waits no longer.
    public mutating func forget(_ call: UInt64) {
        asked.removeAll { $0 == call }
        underway?.calls.removeAll { $0 == call }
    }
}
