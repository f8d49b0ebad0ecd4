/// The events that wait, and the lists by which keys hold them.
///
/// An event may wait for several keys and a key may hold several events, so the lists are chains of links in one
/// array: attaching costs no allocation of its own.
struct EventStore: ~Copyable {
    /// The events held by one key: none, one, or a chain of links.
    struct List {
        /// The first link, or the event itself where there is only one; negative for none.
        fileprivate var head: Int32 = -1
        /// The last link of a chain.
        fileprivate var tail: Int32 = -1
        var isEmpty: Bool { head < 0 }
        fileprivate var isChain: Bool { tail >= 0 }
    }

    // Not private: the compiler makes what ends a store in other files too, and stumbles over what is private here.
    struct Link: Vacant {
        var event: Int32
        var next: Int32

        mutating func vacate() {}
    }

    private var events = Slab<WaitingEvent>()
    private(set) var links = Slab<Link>()

    /// Lists that are released once an event is done, instead of it being due.
    private var held: [Int32: List] = [:]

    /// Events with nothing left to wait for and messages not yet sent, or followers not yet told, oldest first.
    private(set) var due: [Event] = []
    /// About how much memory the events take.
    private(set) var bytes = 0

    var count: Int { events.count }

    subscript(id: EventID) -> Event {
        _read { yield events[id.index].event }
        _modify { yield &events[id.index].event }
    }

    /// Whether a pass waits for the event.
    func isPass(_ id: EventID) -> Bool {
        if case .pass = events[id.index].event.purpose { true } else { false }
    }

    /// Whether the event is not kept by a key that can not be refreshed.
    func givesUpOnFaults(_ id: EventID) -> Bool { events[id.index].event.purpose.givesUpOnFaults }

    mutating func insert(_ event: consuming Event) -> EventID {
        bytes += event.bytes
        return EventID(index: events.insert(WaitingEvent(event)))
    }

    /// The event waits for one more key, which holds it by `list`.
    mutating func attach(_ id: EventID, to list: inout List) {
        list = join(list, attached(id))
    }

    /// The event waits for one more key, which holds it by the list given back.
    mutating func attached(_ id: EventID) -> List {
        events[id.index].remaining += 1
        return List(head: id.index)
    }

    /// One list with the events of `first`, then those of `second`; both are used up.
    mutating func join(_ first: List, _ second: List) -> List {
        if second.isEmpty { return first }
        if first.isEmpty { return second }
        let (front, back) = (chain(first), chain(second))
        links[front.tail].next = back.head
        return List(head: front.head, tail: back.tail)
    }

    private mutating func chain(_ list: List) -> List {
        if list.isChain { return list }
        let link = links.insert(Link(event: list.head, next: -1))
        return List(head: link, tail: link)
    }

    /// Each event of the list stops waiting for the key that held it.
    mutating func release(_ list: inout List) {
        let released = list
        list = List()
        if released.isEmpty { return }
        guard released.isChain else { return finishOne(EventID(index: released.head)) }
        var link = released.head
        while link >= 0 {
            let (event, next) = (links[link].event, links[link].next)
            links.remove(link)
            finishOne(EventID(index: event))
            link = next
        }
    }

    /// The list waits, instead of for a key, until `id` is done; `id` is then not due.
    mutating func hold(_ list: List, until id: EventID) { held[id.index] = list }

    /// The passes and calls of the list stop waiting for the key that held it; the messages stay, and with
    /// `keepingHeld` what holds messages.
    mutating func releaseUponFault(_ list: inout List, keepingHeld: Bool = false) {
        var kept = List()
        var released = List()
        forEach(of: list) { store, event in
            let own = List(head: event)
            if store.events[event].event.purpose.givesUpOnFaults, !keepingHeld || store.held[event] == nil {
                released = store.join(released, own)
            } else {
                kept = store.join(kept, own)
            }
        }
        drop(list)
        list = kept
        release(&released)
    }

    /// Calls `body` with the number of each event.
    private mutating func forEach(of list: List, _ body: (inout EventStore, Int32) -> Void) {
        if list.isEmpty { return }
        guard list.isChain else { return body(&self, list.head) }
        var link = list.head
        while link >= 0 {
            let (event, next) = (links[link].event, links[link].next)
            body(&self, event)
            link = next
        }
    }

    /// Each event of the list.
    mutating func all(of list: List) -> [EventID] {
        var found: [EventID] = []
        forEach(of: list) { _, event in found.append(EventID(index: event)) }
        return found
    }

    /// The list with each event once, and in place of those that wait for nothing else what they hold.
    ///
    /// Without this, what waits for a pass, and then for keys that the next pass finds again, would grow with each.
    mutating func merged(_ list: List) -> List {
        var open = all(of: list)
        drop(list)
        var seen: Set<Int32> = []
        var kept = List()
        while !open.isEmpty {
            var fresh: [EventID] = []
            for id in open {
                if seen.insert(id.index).inserted { fresh.append(id) } else { finishOne(id) }
            }
            open = []
            for id in fresh {
                guard events[id.index].remaining == 1, let inner = held[id.index] else {
                    kept = join(kept, List(head: id.index))
                    continue
                }
                open += all(of: inner)
                drop(inner)
                held[id.index] = List()
                finishOne(id)
                seen.remove(id.index)
            }
        }
        return kept
    }

    /// Frees the links of a list.
    private mutating func drop(_ list: List) {
        guard list.isChain else { return }
        var link = list.head
        while link >= 0 {
            let next = links[link].next
            links.remove(link)
            link = next
        }
    }

    /// The event stops waiting for one thing; with none left it is due, unless a write has carried its messages.
    mutating func finishOne(_ id: EventID) {
        events[id.index].remaining -= 1
        guard events[id.index].remaining == 0 else { return }
        bytes -= events[id.index].event.bytes
        let held = held.isEmpty ? nil : held.removeValue(forKey: id.index)
        let isAnnounced = events[id.index].event.announced
        if held == nil, !isAnnounced || events[id.index].event.isFollowed { due.append(events[id.index].event) }
        events.remove(id.index)
        if var held { release(&held) }
    }

    /// Gives the memory of a burst back if no event is left.
    mutating func trim() {
        guard due.isEmpty, events.trim() else { return }
        links.trim()
        due = []
    }

    /// Hands over what is due.
    mutating func takeDue() -> [Event] {
        if due.isEmpty { return [] }
        defer { due = [] }
        return due.sorted { $0.seen < $1.seen }
    }

    /// Hands over the messages of the list that wait for nothing else, each once until they are withdrawn.
    mutating func announce(_ list: List, _ body: (borrowing WaitingEvent) -> Void) {
        forEach(of: list) { store, event in
            guard store.events[event].remaining == 1, !store.events[event].event.announced,
                case .messages = store.events[event].event.purpose
            else { return }
            store.events[event].event.announced = true
            body(store.events[event])
        }
    }

    /// What was announced of the list has not been sent.
    mutating func withdraw(_ list: List) {
        forEach(of: list) { store, event in store.events[event].event.announced = false }
    }
}
