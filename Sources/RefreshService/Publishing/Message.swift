import RefreshCore

/// One message on its way to Redis subscribers.
struct Message {
    let destination: Destination
    let body: Bytes

    /// About how much memory it takes.
    var bytes: Int { 96 + body.count }
}

/// Where messages of one kind go: an object that they share, so that a message copies no names.
final class Destination: Sendable {
    let target: Route.Target
    /// The field of a stream's entry: `payload` for a payload as it came, `event` for an envelope.
    let field: StaticString

    /// Whether it is a stream: what is added there may be refused, and who is to know that needs an answer.
    var isStream: Bool {
        if case .stream = target { true } else { false }
    }

    init(_ target: Route.Target, field: StaticString) {
        self.target = target
        self.field = field
    }
}
