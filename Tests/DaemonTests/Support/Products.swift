/// Where the build put what it made.
enum Products {
    /// The folder that holds the test bundle, and the daemon beside it.
    static let folder: String = {
        let bundle = CommandLine.arguments[0]
        guard let slash = bundle.lastIndex(of: "/") else { return "." }
        return String(bundle[..<slash])
    }()

    /// The built program.
    static let rekindle = folder + "/rekindle"
}
