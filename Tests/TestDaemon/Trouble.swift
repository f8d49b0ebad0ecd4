/// What went wrong in a test's own machinery, or did not happen in time.
package struct Trouble: Error, CustomStringConvertible {
    /// What, as a sentence.
    package let description: String

    /// Tells what went wrong.
    package init(_ description: String) { self.description = description }
}
