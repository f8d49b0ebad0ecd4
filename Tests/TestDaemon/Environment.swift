import Glibc

/// The tests' environment.
package enum Environment {
    /// All variables.
    package static var current: [String: String] {
        var found: [String: String] = [:]
        var place = environ
        while let entry = place.pointee {
            let text = String(cString: entry)
            if let end = text.firstIndex(of: "=") {
                found[String(text[..<end])] = String(text[text.index(after: end)...])
            }
            place += 1
        }
        return found
    }
}
