/// Reads by the daemon itself of values whose readers are counted: Redis can not tell them from others.
public struct OwnReads {
    private struct Key: Hashable {
        let region: RegionID
        let key: Bytes
    }

    private struct Touch {
        /// When the daemon read it.
        let at: Moment
        /// Since when nobody else has.
        let untouchedSince: Moment
    }

    /// How many are remembered; older ones count as reads.
    private static let most = 4_096

    private var touches: [Key: Touch] = [:]
    private var order = Fifo<Key>()

    /// Remembers none.
    public init() {}

    /// The daemon reads a value that was idle for so long until now, as Redis says.
    public mutating func note(_ key: Bytes, in region: RegionID, idleSeconds: Int64, at now: Moment) {
        let place = Key(region: region, key: key)
        let span = untouchedFor(key, in: region, idleSeconds: idleSeconds, at: now) ?? .seconds(idleSeconds)
        if touches.updateValue(Touch(at: now, untouchedSince: now + -span), forKey: place) == nil {
            order.append(place)
            if order.count > Self.most, let oldest = order.popFirst() { touches[oldest] = nil }
        }
    }

    /// For how long nobody else has touched a value, where the daemon was the last to do so; nil where it was not.
    public func untouchedFor(_ key: Bytes, in region: RegionID, idleSeconds: Int64, at now: Moment) -> Moment.Span? {
        guard let touch = touches[Key(region: region, key: key)] else { return nil }
        return now + -.seconds(idleSeconds) <= touch.at + Readership.slack ? now - touch.untouchedSince : nil
    }
}

extension Moment.Span {
    static prefix func - (span: Self) -> Self { Self(nanoseconds: 0 &- span.nanoseconds) }
}
