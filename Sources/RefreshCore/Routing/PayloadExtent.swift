/// What one notification stands for.
public enum PayloadExtent: Sendable, Equatable {
    /// One event.
    case event
    /// One event for each element of the JSON array that the payload should be.
    case events
    /// A change of a table as a whole, too large to be told key by key: the JSON string `"*"`.
    case wholeTable
}

extension Router {
    /// What a payload stands for, by its first bytes.
    ///
    /// An array is one event where the channel's rules index the root themselves. The marker of a whole table is
    /// nothing that rules could read anything from, so no other payload is lost to it.
    public func extent(of payload: borrowing Bytes, on channel: ChannelID) -> PayloadExtent {
        let first = payload.first
        guard first == UInt8(ascii: "[") || first == UInt8(ascii: "\""), let plan = plans[channel.index],
            plan.format == .json
        else { return .event }
        if first == UInt8(ascii: "[") { return plan.indexesRoot ? .event : .events }
        return payload.withSpan { $0.spells("\"*\"") } ? .wholeTable : .event
    }

    /// Appends what a change of a whole table asks for: what single keys would be deleted from is emptied, then what
    /// single keys would be refreshed in is passed over, and keys without parameters are refreshed.
    public func routeWholeTable(_ channel: ChannelID, into decisions: inout [Decision]) {
        guard let plan = plans[channel.index] else { return }
        decisions.append(contentsOf: plan.wholeTable)
    }
}

extension Bytes {
    /// The first byte; zero when there is none.
    fileprivate var first: UInt8 { withSpan { $0.isEmpty ? 0 : $0[0] } }
}

extension ParameterSource {
    /// Whether the root of a payload is read as an array.
    public var indexesRoot: Bool {
        guard case .json(let steps) = self, let first = steps.first else { return false }
        return first.utf8.allSatisfy { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
    }
}
