import ArgumentParser
import Glibc
import RefreshService

/// The option that names the configuration file.
struct ConfigurationFile: ParsableArguments {
    @Option(name: [.short, .long], help: "The configuration file.")
    var config = "/etc/rekindle/rekindle.toml"

    /// Where the daemon answers: at the socket that was named, or that the configuration names.
    func socket(_ named: String?) -> String {
        if let named { return named }
        do throws(ConfigurationError) {
            return try Configuration.load(path: config, environment: .current).health.socket
        } catch {
            // A configuration that can not be read says nothing of the daemon, which may run by a former one.
            return "/run/rekindle/rekindle.sock"
        }
    }
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
