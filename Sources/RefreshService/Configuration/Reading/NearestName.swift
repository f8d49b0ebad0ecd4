/// The clause that ends a fault about a name: the nearest known one, or all when they are few.
func suggestion(for name: String, among known: [String]) -> String {
    if let nearest = nearestName(to: name, among: known) { return "; did you mean \(nearest.quoted)?" }
    if known.isEmpty { return "; none is defined" }
    return known.count <= 10 ? "; known: \(known.sorted().map(\.quoted).joined(separator: ", "))" : ""
}

/// The known name that a mistyped one most likely stands for; nil when none is near.
///
/// Nearest is one that differs in case only; else near is a third of the name's length in edits, at least one, at most three. Of equally near ones the first in
/// alphabetical order is taken.
func nearestName(to name: String, among known: [String]) -> String? {
    let limit = min(3, max(1, name.unicodeScalars.count / 3))
    var best: (distance: Int, name: String)?
    for candidate in known.sorted() {
        if candidate.lowercased() == name.lowercased() { return candidate }
        let shorter = min(name.unicodeScalars.count, candidate.unicodeScalars.count)
        guard shorter <= 64, abs(name.unicodeScalars.count - candidate.unicodeScalars.count) <= limit else { continue }
        let distance = editDistance(name, candidate)
        if distance <= limit, distance < shorter, distance < best?.distance ?? .max { best = (distance, candidate) }
    }
    return best?.name
}

/// How many insertions, deletions, replacements and swaps of neighbours turn one name into the other.
func editDistance(_ left: String, _ right: String) -> Int {
    let left = Array(left.unicodeScalars)
    let right = Array(right.unicodeScalars)
    var beforeLast: [Int] = []
    var last = Array(0...right.count)
    for (row, scalar) in left.enumerated() {
        var current = [row + 1]
        for (column, other) in right.enumerated() {
            var distance = min(last[column + 1] + 1, current[column] + 1, last[column] + (scalar == other ? 0 : 1))
            if row > 0, column > 0, scalar == right[column - 1], left[row - 1] == other {
                distance = min(distance, beforeLast[column - 1] + 1)
            }
            current.append(distance)
        }
        beforeLast = last
        last = current
    }
    return last[right.count]
}
