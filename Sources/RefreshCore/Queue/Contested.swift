/// Items of a batch that were refreshed while a reader held their locks: that reader may have read before the event that
/// asked for the refresh, and store what is older after it. So they are refreshed again once it has let go.
public struct Contested: Sendable {
    /// Their places, in order.
    public let places: [Int]
    /// How long to go on with a key whose lock is held all the time.
    public let patience: Moment.Span

    /// Takes places and a patience.
    public init(places: [Int], patience: Moment.Span) {
        self.places = places
        self.patience = patience
    }

    /// None is.
    public static let none = Contested(places: [], patience: .seconds(0))
}
