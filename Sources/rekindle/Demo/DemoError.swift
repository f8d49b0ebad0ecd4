import Glibc
import Postgres
import Redis
import RefreshService

/// Why a demonstration ended before its time, as a sentence for the user and an exit code.
enum DemoError: Error, CustomStringConvertible {
    /// A program that the demonstration needs is not installed.
    case programMissing(String, package: String)
    /// Postgres refuses to run as root, and there is nobody else to run it as.
    case noAccount
    /// The scratch folder or a file in it can not be made.
    case scratch(path: String, errno: Int32)
    /// A program can not be started.
    case spawn(program: String, errno: Int32)
    /// A server ended, or was not ready in time, before the load began; `log` is the end of what it said.
    case notStarted(String, log: String)
    /// A server ended while it was needed.
    case ended(String, how: String)
    /// The daemon gave no sign of life for so long.
    case silent(Duration)
    /// The daemon did not become quiet after the load.
    case restless(keys: Int)
    /// A step failed: its own sentence.
    case step(String)
    /// Ended by a signal.
    case interrupted(Int32)
    /// Nobody reads what is shown.
    case outputClosed

    /// An exit code of sysexits, 128 and the signal's number, or 1.
    var exitCode: Int32 {
        switch self {
        case .programMissing, .noAccount: EX_UNAVAILABLE
        case .scratch: EX_CANTCREAT
        case .spawn, .notStarted: EX_OSERR
        case .ended, .silent, .restless, .step: 1
        case .interrupted(let signal): 128 + signal
        case .outputClosed: 128 + SIGPIPE
        }
    }

    var description: String {
        switch self {
        case .programMissing(let program, let package):
            "There is no \(program) here, and the demo runs the system's own: apt install \(package)"
        case .noAccount:
            "Postgres refuses to run as root and there is no user \"postgres\" with setpriv to run it as: "
                + "run the demo as another user."
        case .scratch(let path, let code):
            "\(path) can not be made (\(Self.reason(code))): set TMPDIR to a folder that can be written to."
        case .spawn(let program, let code):
            "\(program) can not be started (\(Self.reason(code)))."
        case .notStarted(let name, let log):
            "\(name) did not start" + (log.isEmpty ? "." : "; the end of its log:\n\(log)")
        case .ended(let name, let how): "\(name) \(how): the demo ends with it."
        case .silent(let duration): "The daemon did not answer for \(duration): the demo ends."
        case .restless(let keys): "The load has stopped and \(keys) keys still wait: the check was not made."
        case .step(let words): words
        case .interrupted(let signal): "Interrupted by signal \(signal)."
        case .outputClosed: "Nobody reads the output."
        }
    }

    static func reason(_ code: Int32) -> String {
        unsafe strerror(code).map { unsafe String(cString: $0) } ?? "errno \(code)"
    }
}

/// Runs a step and turns what it throws into the demo's own error; `doing` is what was being done.
func demoStep<Result>(
    _ doing: String, isolation: isolated (any Actor)? = #isolation, _ body: () async throws -> sending Result
) async throws(DemoError) -> sending Result {
    do { return try await body() } catch let error as DemoError { throw error } catch {
        throw .step("While \(doing): \(error)")
    }
}
