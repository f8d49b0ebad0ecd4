/// Why a value is not what its key takes; the one who knows its place makes a fault of it.
struct Complaint: Error {
    /// A clause that follows the name of the key or file, or a sentence of its own.
    let text: String

    init(_ text: String) { self.text = text }
}
