/// What went wrong in a test's own machinery, or did not happen in time.
struct Trouble: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) { self.description = description }
}
