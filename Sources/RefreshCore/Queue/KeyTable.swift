import BasicContainers

/// Finds entries by key: an open-addressed table of their numbers, beside the hash of each.
///
/// The keys stay in the entries alone, and no key is hashed twice: growing and removing go by the hashes kept here.
struct KeyTable: ~Copyable {
    struct Slot {
        var hash: UInt32 = 0
        /// The entry's number, or -1 in a slot that is free.
        var index: Int32 = -1
    }

    private var slots = UniqueArray<Slot>()
    /// What `approach` has come by: without it the compiler would leave its loads out.
    private var seen: Int32 = 0
    /// How many entries are in it.
    private(set) var count = 0

    private var mask: Int { slots.count - 1 }

    /// The entry with such a hash that `isIt` accepts.
    func find(_ hash: UInt32, _ isIt: (Int32) -> Bool) -> Int32? {
        if slots.isEmpty { return nil }
        var place = Int(hash) & mask
        while slots[place].index >= 0 {
            if slots[place].hash == hash, isIt(slots[place].index) { return slots[place].index }
            place = (place + 1) & mask
        }
        return nil
    }

    /// Looks at the places of entries that are about to be taken out, one right after the other.
    ///
    /// Each place is somewhere else in memory: loads that wait for nothing are under way together, where those between
    /// other work would each be waited for.
    mutating func approach(_ items: [Batch.Item], in entries: borrowing Slab<Entry>) {
        if slots.isEmpty { return }
        for index in items.indices { seen &+= slots[Int(entries[items[index].entry].hash) & mask].index }
    }

    /// Adds an entry that is not in it.
    mutating func insert(_ hash: UInt32, _ index: Int32) {
        // Fuller than is usual, for what is slow is the memory and not the few slots beside each other.
        if (count + 1) * 5 > slots.count * 4 { grow() }
        put(Slot(hash: hash, index: index))
        count += 1
    }

    /// Takes an entry out; those behind it that it kept from their own places move up.
    mutating func remove(_ hash: UInt32, _ index: Int32) {
        if slots.isEmpty { return }
        var hole = Int(hash) & mask
        while slots[hole].index != index {
            if slots[hole].index < 0 { return }
            hole = (hole + 1) & mask
        }
        var place = (hole + 1) & mask
        while slots[place].index >= 0 {
            let home = Int(slots[place].hash) & mask
            if (place - home) & mask >= (place - hole) & mask {
                slots[hole] = slots[place]
                hole = place
            }
            place = (place + 1) & mask
        }
        slots[hole] = Slot()
        count -= 1
    }

    /// The number of every entry, in no order.
    var indices: [Int32] {
        var found: [Int32] = []
        found.reserveCapacity(count)
        for place in slots.indices where slots[place].index >= 0 { found.append(slots[place].index) }
        return found
    }

    /// Gives the memory of a burst back once it is empty.
    mutating func trim() {
        if count == 0, slots.count > 8192 { slots = UniqueArray() }
    }

    private mutating func grow() {
        var former = UniqueArray(repeating: Slot(), count: max(16, slots.count * 2))
        swap(&former, &slots)
        for place in former.indices where former[place].index >= 0 { put(former[place]) }
    }

    private mutating func put(_ slot: Slot) {
        var place = Int(slot.hash) & mask
        while slots[place].index >= 0 { place = (place + 1) & mask }
        slots[place] = slot
    }
}
