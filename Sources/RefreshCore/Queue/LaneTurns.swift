/// The lanes that may have work, in the order of their turns.
///
/// A lane comes in when it gets work; that its work has gone is noticed when its turn comes. So with a thousand queries
/// an event costs what it costs with one.
struct LaneTurns {
    private var order = Fifo<Int>()
    /// Whether each lane is in it.
    private var isIn: [Bool] = []

    /// How many lanes there are.
    var count: Int { order.count }
    /// The lanes, in the order of their turns.
    var lanes: ArraySlice<Int> { order.all }

    /// Adds a lane at the end, if it is not in it.
    mutating func add(_ lane: Int) {
        while isIn.count <= lane { isIn.append(false) }
        if isIn[lane] { return }
        isIn[lane] = true
        order.append(lane)
    }

    /// Takes the lane out whose turn it is.
    mutating func next() -> Int? {
        guard let lane = order.popFirst() else { return nil }
        isIn[lane] = false
        return lane
    }
}
