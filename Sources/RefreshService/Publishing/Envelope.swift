import RefreshCore

/// The JSON object around a payload, by which a subscriber sees gaps: sequence numbers of one channel and epoch that
/// are missing were lost.
enum Envelope {
    /// The envelope's text.
    ///
    /// - Parameters:
    ///   - key: the whole Redis key of the event's first refresh or invalidation; empty if there is none.
    ///   - epoch: the owner's token when the daemon started to count; sequences begin anew with another epoch.
    ///   - time: when the notification arrived, in microseconds since 1970.
    static func text(
        channel: String, payload: Bytes, key: String, sequence: UInt64, epoch: String, time: Int64
    ) -> [UInt8] {
        JSONText.text { json in
            json.object { json in
                json.member("channel", channel)
                json.member("payload", payload)
                json.member("key", key.isEmpty ? nil : key)
                json.member("sequence", sequence)
                json.member("epoch", epoch)
                json.member("time", WallClock.text(microseconds: time))
            }
        }
    }
}
