import Dispatch
package import Glibc
import TestServers

/// A child process that a thread of its own starts and waits for; it dies with the test process and with this object.
///
/// The thread lives exactly as long as the child: `setpriv --pdeathsig` kills a child when the *thread* that started it
/// ends, and a thread of a pool may end at any time.
package final class Program: Sendable {
    /// How a program is started.
    package struct Options: Sendable {
        /// The whole environment; nil hands on that of the tests.
        package var environment: [String: String]?
        /// The file that becomes its standard input.
        package var input = "/dev/null"
        /// The file that its standard output is appended to.
        package var output = "/dev/null"
        /// The file for its standard error.
        package var error = "/dev/null"

        /// Nothing to read, and what it writes is thrown away, unless said otherwise.
        package init(
            environment: [String: String]? = nil, input: String = "/dev/null", output: String = "/dev/null",
            error: String = "/dev/null"
        ) {
            self.environment = environment
            self.input = input
            self.output = output
            self.error = error
        }
    }

    /// What the thread and the object share; the thread does not keep the object.
    private final class Life: Sendable {
        let state = Guarded<(id: pid_t, exit: Exit?)>((0, nil))
        let started = DispatchSemaphore(value: 0)
        let ended = DispatchSemaphore(value: 0)
    }

    private let life = Life()

    /// Starts a program of `PATH`.
    package init(_ arguments: [String], _ options: Options = Options()) throws {
        let words = ["setpriv", "--pdeathsig", "KILL"] + arguments
        let thread = WaitingThread { [life] in
            let child = Spawn.start(words, options)
            life.state.withLock { $0.id = child ?? 0 }
            life.started.signal()
            guard let child else { return }
            // The id stays ours until it is waited for; after that nobody may signal it.
            var facts = siginfo_t()
            while waitid(P_PID, id_t(child), &facts, WEXITED | WNOWAIT) != 0, errno == EINTR {}
            life.state.withLock { $0.exit = Spawn.reap(child) }
            life.ended.signal()
        }
        try thread.start()
        life.started.wait()
        guard id > 0 else { throw Trouble("\(arguments[0]) can not be started.") }
    }

    deinit { kill() }

    /// Its process id.
    package var id: pid_t { life.state.withLock { $0.id } }

    /// How it ended, if it did.
    package var exit: Exit? { life.state.withLock { $0.exit } }

    /// Sends it a signal, when it still runs.
    package func signal(_ number: Int32) {
        life.state.withLock { if $0.exit == nil, $0.id > 0 { Glibc.kill($0.id, number) } }
    }

    /// Waits until it has ended; nil when it has not in time.
    package func waitForExit(within limit: Duration) -> Exit? {
        guard life.ended.wait(timeout: .now() + .milliseconds(limit.milliseconds)) == .success else { return nil }
        life.ended.signal()
        return exit
    }

    /// Ends it at once, and waits for that.
    package func kill() {
        signal(SIGKILL)
        signal(SIGCONT)
        if id > 0 {
            life.ended.wait()
            life.ended.signal()
        }
    }
}

extension Duration {
    /// Whole milliseconds.
    package var milliseconds: Int { Int(components.seconds * 1000 + components.attoseconds / 1_000_000_000_000_000) }
}
