/// Collects what the pieces of one load find, so that all of it is told at once.
///
/// A class because every piece appends to the same list; it stays inside one call of `Configuration.load`.
final class FaultList {
    private(set) var faults: [Fault] = []
    private(set) var warnings: [Fault] = []

    /// False once a file could not be read or parsed: names that look unknown may be defined there.
    var isComplete = true

    func fault(_ place: Place, _ sentence: String) { faults.append(Fault(place, sentence)) }

    func warn(_ place: Place, _ sentence: String) { warnings.append(Fault(place, sentence)) }

    /// A name that refers to nothing, with the nearest that exists; nothing while a file is missing.
    func unknown(_ kind: String, _ name: String, at place: Place, known: [String]) {
        guard isComplete else { return }
        fault(place, "there is no \(kind) \(name.quoted)\(suggestion(for: name, among: known))")
    }
}
