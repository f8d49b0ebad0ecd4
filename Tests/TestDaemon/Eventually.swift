import Glibc

/// Asks for a value every few milliseconds until it is as expected; the only waiting that tests do.
///
/// - Parameters:
///   - limit: how long to go on.
///   - log: what to show when it does not happen.
/// - Returns: the value that was as expected.
/// - Throws: `Trouble` with the last value.
@discardableResult
package func eventually<Value>(
    within limit: Duration = .seconds(10), log: () -> String = { "" }, file: String = #fileID, line: Int = #line,
    _ value: () throws -> Value, where isExpected: (Value) -> Bool
) throws -> Value {
    let end = ContinuousClock.now + limit
    while true {
        let last = try value()
        if isExpected(last) { return last }
        guard ContinuousClock.now < end else {
            throw Trouble(
                "\(file):\(line): not within \(limit); the last value was: \(last)\n\(log())")
        }
        usleep(3_000)
    }
}

/// Asks for a value every few milliseconds until it is the expected one.
package func eventually<Value: Equatable>(
    _ expected: Value, within limit: Duration = .seconds(10), log: () -> String = { "" },
    file: String = #fileID, line: Int = #line, _ value: () throws -> Value
) throws {
    do {
        try eventually(within: limit, log: log, file: file, line: line, value) { $0 == expected }
    } catch let trouble as Trouble {
        throw Trouble("\(trouble) expected: \(expected)")
    }
}

/// Asks every few milliseconds until a condition holds.
package func eventually(
    within limit: Duration = .seconds(10), log: () -> String = { "" }, file: String = #fileID, line: Int = #line,
    _ condition: () throws -> Bool
) throws {
    try eventually(within: limit, log: log, file: file, line: line, condition) { $0 }
}
