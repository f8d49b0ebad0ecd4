/// A first-in, first-out queue in one array, which it gives back when it has been emptied after a burst.
struct Fifo<Element> {
    private var items: [Element]
    private var head = 0

    init(_ items: [Element] = []) { self.items = items }

    var count: Int { items.count - head }
    var isEmpty: Bool { head == items.count }
    var all: ArraySlice<Element> { items[head...] }

    func first(where fits: (Element) -> Bool) -> Element? { items[head...].first(where: fits) }

    mutating func append(_ item: Element) { items.append(item) }

    mutating func popFirst() -> Element? {
        guard head < items.count else { return nil }
        let item = items[head]
        head += 1
        if head == items.count {
            items.removeAll(keepingCapacity: items.capacity <= 1 << 17)
            head = 0
        } else if head >= 1024, head * 2 >= items.count {
            items.removeSubrange(..<head)
            head = 0
        }
        return item
    }

    mutating func removeAll() {
        items = []
        head = 0
    }
}
