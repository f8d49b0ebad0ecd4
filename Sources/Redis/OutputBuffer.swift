import Glibc

/// Bytes on their way to a socket: appended at the end, taken from the front, one block of memory.
///
/// The memory grows by doubling and is kept while it is small, so that the steady state allocates nothing; after a
/// large burst it goes back to the system as soon as the buffer is empty.
@safe struct OutputBuffer: ~Copyable {
    /// The capacity an empty buffer starts with, and returns to.
    static let initialCapacity = 64 << 10
    /// The most that an empty buffer holds on to: two batches of the size the daemon writes.
    static let keptCapacity = 2 << 20

    private var base: UnsafeMutableRawPointer
    private var head = 0
    private(set) var tail = 0
    private(set) var capacity: Int

    init() {
        capacity = Self.initialCapacity
        unsafe base = Self.resize(nil, to: capacity)
    }

    deinit { unsafe free(base) }

    /// How many bytes wait.
    var count: Int { tail - head }
    var isEmpty: Bool { tail == head }

    /// Gives `body` the place where the next `size` bytes go; it fills all of them.
    @inline(__always)
    mutating func append(count size: Int, _ body: (UnsafeMutableRawPointer) -> Void) {
        if size > capacity - tail { grow(by: size) }
        unsafe body(base + tail)
        tail += size
    }

    /// Lends the bytes that wait.
    borrowing func withBytes<Result>(_ body: (UnsafeRawBufferPointer) -> Result) -> Result {
        unsafe body(UnsafeRawBufferPointer(start: base + head, count: tail - head))
    }

    /// Forgets the first `size` bytes, which have been written.
    mutating func consume(_ size: Int) {
        head += min(size, count)
        if isEmpty { removeAll() }
    }

    /// Forgets everything.
    mutating func removeAll() {
        head = 0
        tail = 0
        guard capacity > Self.keptCapacity else { return }
        // Freed and not resized: what is in it needs no copy.
        unsafe free(base)
        capacity = Self.initialCapacity
        unsafe base = Self.resize(nil, to: capacity)
    }

    /// Takes back what was appended since the buffer held `size` bytes.
    mutating func truncate(to size: Int) { tail = min(tail, head + max(0, size)) }

    private mutating func grow(by size: Int) {
        if head > 0 {
            unsafe memmove(base, base + head, count)
            tail -= head
            head = 0
        }
        let needed = tail + size
        if needed <= capacity { return }
        var wanted = capacity
        while wanted < needed { wanted *= 2 }
        unsafe base = Self.resize(base, to: wanted)
        capacity = wanted
    }

    private static func resize(_ block: UnsafeMutableRawPointer?, to size: Int) -> UnsafeMutableRawPointer {
        // realloc moves pages and not bytes once the block is large.
        guard let block = unsafe realloc(block, size) else { preconditionFailure("out of memory") }
        return unsafe block
    }
}
