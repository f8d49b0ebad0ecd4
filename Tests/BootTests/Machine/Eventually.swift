import Glibc
import Testing

/// Asks for a value every few milliseconds until it is as expected; the only waiting that tests do.
///
/// - Returns: the value that was as expected.
/// - Throws: `Trouble` with the last value, and with what `log` shows.
@discardableResult
func eventually<Value>(
    within limit: Duration = .seconds(15), log: () -> String = { "" }, at place: SourceLocation = #_sourceLocation,
    _ value: () throws -> Value, where isExpected: (Value) -> Bool
) throws -> Value {
    let end = ContinuousClock.now + limit
    while true {
        let last = try value()
        if isExpected(last) { return last }
        guard ContinuousClock.now < end else {
            throw Trouble("\(place.fileID):\(place.line): not within \(limit); the last value was: \(last)\n\(log())")
        }
        usleep(5_000)
    }
}
