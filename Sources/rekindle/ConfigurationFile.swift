import ArgumentParser
import Glibc

/// The option that names the configuration file.
struct ConfigurationFile: ParsableArguments {
    @Option(name: [.short, .long], help: "The configuration file.")
    var config = "/etc/rekindle/rekindle.toml"
}

extension [String: String] {
    /// The environment of this process.
    static var current: [String: String] {
        var found: [String: String] = [:]
        var place = unsafe environ
        while let entry = unsafe place.pointee {
            let text = unsafe String(cString: entry)
            if let end = text.firstIndex(of: "=") {
                found[String(text[..<end])] = String(text[text.index(after: end)...])
            }
            unsafe place += 1
        }
        return found
    }
}
