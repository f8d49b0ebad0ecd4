import RefreshCore

/// One message on its way to Redis subscribers.
struct Message {
    let target: Route.Target
    /// The field of a stream's entry: `payload` for a payload as it came, `event` for an envelope.
    let field: StaticString
    let body: [UInt8]

    /// About how much memory it takes.
    var bytes: Int { 96 + body.count }
}
