/// Where the build put what it made.
package enum Products {
    /// The folder that holds the test bundle, and the daemon beside it.
    package static let folder: String = {
        let bundle = CommandLine.arguments[0]
        guard let slash = bundle.lastIndex(of: "/") else { return "." }
        return String(bundle[..<slash])
    }()

    /// The built program.
    package static let rekindle = folder + "/rekindle"
}
