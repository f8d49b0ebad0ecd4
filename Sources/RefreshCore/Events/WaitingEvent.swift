/// An event in the store.
///
/// It has one owner, so that the event is not copied where it is only looked at.
public struct WaitingEvent: ~Copyable, Vacant {
    /// The event itself.
    public internal(set) var event: Event
    /// How many keys it waits for.
    var remaining: Int32 = 1

    init(_ event: consuming Event) { self.event = event }

    mutating func vacate() { event = Self.nothing }

    private static let nothing = Event(purpose: .pass(nil), payload: .empty, sequence: 0, seen: Moment(nanoseconds: 0))
}
