import Glibc

/// A thread that runs one closure; for what must not hold up a thread of a pool.
package final class WaitingThread: Sendable {
    private let body: @Sendable () -> Void

    package init(_ body: @escaping @Sendable () -> Void) { self.body = body }

    package func start() throws {
        var thread = pthread_t()
        let made = pthread_create(
            &thread, nil,
            { argument in
                guard let argument else { return nil }
                Unmanaged<WaitingThread>.fromOpaque(argument).takeRetainedValue().body()
                return nil
            }, Unmanaged.passRetained(self).toOpaque())
        guard made == 0 else { throw Trouble("No thread: errno \(made).") }
        pthread_detach(thread)
    }
}
