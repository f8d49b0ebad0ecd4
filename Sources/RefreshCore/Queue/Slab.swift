import BasicContainers

/// What can let go of everything that it holds, so that its place can be used again.
protocol Vacant: ~Copyable {
    mutating func vacate()
}

/// Values in one array, named by small numbers that are used again.
///
/// The array has one owner, which the compiler knows: nothing asks at each access whether somebody shares it.
struct Slab<Value: Vacant & ~Copyable>: ~Copyable {
    private var values = UniqueArray<Value>()
    private var free = UniqueArray<Int32>()

    /// How many are in use.
    var count: Int { values.count - free.count }

    subscript(index: Int32) -> Value {
        // Lent and not copied, for most who ask want to see one field.
        _read { yield values[Int(index)] }
        _modify { yield &values[Int(index)] }
    }

    mutating func insert(_ value: consuming Value) -> Int32 {
        guard let index = free.popLast() else {
            values.append(value)
            return Int32(truncatingIfNeeded: values.count - 1)
        }
        values[Int(index)] = value
        return index
    }

    /// Frees the place; whoever still holds `index` must have forgotten it.
    mutating func remove(_ index: Int32) {
        values[Int(index)].vacate()
        free.append(index)
    }

    /// Gives the memory of a burst back once nothing is in use; tells whether it did.
    @discardableResult
    mutating func trim() -> Bool {
        guard count == 0, values.count > 4096 else { return false }
        values = UniqueArray()
        free = UniqueArray()
        return true
    }
}
