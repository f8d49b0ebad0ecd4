import CLibFuzzer
import Glibc

/// Whether libFuzzer may keep an input in its corpus.
public enum Verdict: Int32, Sendable {
    case worthKeeping = 0
    /// The input was not tried.
    case rejected = -1
}

// Set once, before libFuzzer starts its one thread.
private nonisolated(unsafe) var target: ([UInt8]) -> Verdict = { _ in .rejected }

/// Runs libFuzzer by the arguments of the process, and ends the process when it is done.
///
/// `body` is called with one input after the other. A finding is whatever ends the process: a trap, a fault that a
/// sanitizer sees, `expect`, or a time or memory limit.
public func fuzz(_ body: @escaping ([UInt8]) -> Verdict) -> Never {
    target = body
    var count = CommandLine.argc
    var words: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>? = CommandLine.unsafeArgv
    exit(
        withUnsafeMutablePointer(to: &words) { words in
            words.withMemoryRebound(to: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?.self, capacity: 1) {
                LLVMFuzzerRunDriver(&count, $0) { bytes, size in
                    target(Array(UnsafeBufferPointer(start: bytes, count: size))).rawValue
                }
            }
        })
}

/// Ends the process with a sentence, as a finding, unless the condition holds.
public func expect(
    _ condition: Bool, _ sentence: @autoclosure () -> String, file: StaticString = #file, line: UInt = #line
) {
    if !condition { fatalError(sentence(), file: file, line: line) }
}
