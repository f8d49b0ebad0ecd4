import Glibc

/// A list that any thread appends to and one thread empties.
///
/// Unchecked Sendable: every access to `items` holds `lock`. A pthread lock, because ThreadSanitizer does not
/// understand `Synchronization.Mutex` and reports races that are none.
@safe final class Inbox<Element: Sendable>: @unchecked Sendable {
    private let lock: UnsafeMutablePointer<pthread_mutex_t>
    private var items: [Element] = []

    init() {
        unsafe lock = .allocate(capacity: 1)
        unsafe lock.initialize(to: pthread_mutex_t())
        unsafe pthread_mutex_init(lock, nil)
    }

    deinit {
        unsafe pthread_mutex_destroy(lock)
        unsafe lock.deallocate()
    }

    /// Appends, and tells whether the list was empty before: then, and only then, the reader must be woken.
    func append(_ item: Element) -> Bool {
        unsafe pthread_mutex_lock(lock)
        defer { unsafe pthread_mutex_unlock(lock) }
        items.append(item)
        return items.count == 1
    }

    /// Moves everything into `target`, in order.
    func drain(into target: inout [Element]) {
        unsafe pthread_mutex_lock(lock)
        defer { unsafe pthread_mutex_unlock(lock) }
        if items.isEmpty { return }
        target.append(contentsOf: items)
        items.removeAll(keepingCapacity: true)
    }
}
