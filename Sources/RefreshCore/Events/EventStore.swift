/// The events that wait, and the lists by which keys hold them.
///
/// An event may wait for several keys and a key may hold several events, so the lists are chains of links in one
/// array: attaching costs no allocation of its own.
struct EventStore {
    /// A chain of events, held by one key.
    struct List {
        var head: Int32 = -1
        var tail: Int32 = -1
        var isEmpty: Bool { head < 0 }
    }

    private struct Link {
        var event: Int32
        var next: Int32
    }

    private var events = Slab<Event>(
        vacant: Event(purpose: .messages(ChannelID(0)), payload: .empty, sequence: 0, seen: Moment(nanoseconds: 0)))
    private var links = Slab<Link>(vacant: Link(event: -1, next: -1))

    /// Lists that are released once an event is done, instead of it being due.
    private var held: [Int32: List] = [:]

    /// Events with nothing left to wait for and messages not yet sent, oldest first.
    private(set) var due: [Event] = []
    /// About how much memory the events take.
    private(set) var bytes = 0

    var count: Int { events.count }

    subscript(id: EventID) -> Event {
        get { events[id.index] }
        _modify { yield &events[id.index] }
    }

    /// Whether a pass, and no message, waits for the event.
    func isPass(_ id: EventID) -> Bool {
        if case .pass = events[id.index].purpose { true } else { false }
    }

    mutating func insert(_ event: Event) -> EventID {
        bytes += event.bytes
        return EventID(index: events.insert(event))
    }

    /// The event waits for one more key, which holds it by `list`.
    mutating func attach(_ id: EventID, to list: inout List) {
        events[id.index].remaining += 1
        let link = links.insert(Link(event: id.index, next: -1))
        append(link, link, to: &list)
    }

    /// One list with the events of `first`, then those of `second`; both are used up.
    mutating func join(_ first: List, _ second: List) -> List {
        if second.isEmpty { return first }
        var list = first
        append(second.head, second.tail, to: &list)
        return list
    }

    /// Each event of the list stops waiting for the key that held it.
    mutating func release(_ list: inout List) {
        var link = list.head
        while link >= 0 {
            let event = links[link].event
            let next = links[link].next
            links.remove(link)
            finishOne(EventID(index: event))
            link = next
        }
        list = List()
    }

    /// The list waits, instead of for a key, until `id` is done; `id` is then not due.
    mutating func hold(_ list: List, until id: EventID) { held[id.index] = list }

    /// The passes of the list stop waiting for the key that held it; the messages stay, and with `keepingHeld`
    /// what holds messages.
    mutating func releasePasses(_ list: inout List, keepingHeld: Bool = false) {
        var link = list.head
        var kept = List()
        while link >= 0 {
            let (event, next) = (links[link].event, links[link].next)
            links[link].next = -1
            if case .pass = events[event].purpose, !keepingHeld || held[event] == nil {
                links.remove(link)
                finishOne(EventID(index: event))
            } else {
                append(link, link, to: &kept)
            }
            link = next
        }
        list = kept
    }

    /// The event stops waiting for one thing; with none left it is due, unless a write has carried its messages.
    mutating func finishOne(_ id: EventID) {
        events[id.index].remaining -= 1
        guard events[id.index].remaining == 0 else { return }
        let event = events[id.index]
        bytes -= event.bytes
        events.remove(id.index)
        if !held.isEmpty, var list = held.removeValue(forKey: id.index) {
            release(&list)
        } else if !event.announced {
            due.append(event)
        }
        if events.count == 0 {
            events.trim()
            links.trim()
        }
    }

    /// Hands over what is due.
    mutating func takeDue() -> [Event] {
        if due.isEmpty { return [] }
        defer { due = [] }
        return due.sorted { $0.seen < $1.seen }
    }

    /// Hands over the messages of the list that wait for nothing else, each once until they are withdrawn.
    mutating func announce(_ list: List, _ body: (Event) -> Void) {
        var link = list.head
        while link >= 0 {
            let event = links[link].event
            link = links[link].next
            guard events[event].remaining == 1, !events[event].announced,
                case .messages = events[event].purpose
            else { continue }
            events[event].announced = true
            body(events[event])
        }
    }

    /// What was announced of the list has not been sent.
    mutating func withdraw(_ list: List) {
        var link = list.head
        while link >= 0 {
            events[links[link].event].announced = false
            link = links[link].next
        }
    }

    private mutating func append(_ first: Int32, _ last: Int32, to list: inout List) {
        if list.tail >= 0 { links[list.tail].next = first } else { list.head = first }
        list.tail = last
    }
}
