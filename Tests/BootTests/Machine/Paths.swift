import Glibc

/// Paths of the repository and of the build, found from this file and from the test bundle.
enum Paths {
    /// The repository's root.
    static let repository: String = folder(#filePath, levels: 4)

    /// This target's folder of scripts.
    static let scripts: String = folder(#filePath, levels: 1)

    /// The built program, which lies beside the test bundle.
    static let rekindle: String = folder(CommandLine.arguments[0], levels: 1) + "/rekindle"

    private static func folder(_ path: String, levels: Int) -> String {
        let parts = path.split(separator: "/", omittingEmptySubsequences: false)
        return parts.count > levels ? parts.dropLast(levels).joined(separator: "/") : "."
    }
}
