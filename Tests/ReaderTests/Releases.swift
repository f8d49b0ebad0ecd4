import TestDaemon
import TestServers

/// The releases of dogpile.cache that are tested, each in a virtual environment of its own below `.build`.
enum Releases {
    /// The repository's folder, found from this file.
    static let root = #filePath.split(separator: "/", omittingEmptySubsequences: false).dropLast(3)
        .joined(separator: "/")

    /// Their names, oldest first.
    static let names: [String] = Files.read("\(root)/Tests/ReaderTests/Python/releases.txt").split(separator: "\n")
        .filter { !$0.hasPrefix("#") }.map { String($0.prefix { $0 != " " }) }

    /// Whether they are there; they are installed when they are not, if PyPI is in reach.
    static let areThere: Bool = {
        guard let made = try? Command.run(["\(root)/scripts/dogpile"], within: .seconds(600)) else { return false }
        if made.exit != .code(0) { print("dogpile.cache can not be installed: \(made.error)") }
        return made.exit == .code(0)
    }()

    /// The Python of a release.
    static func python(_ release: String) -> String { "\(root)/.build/dogpile/\(release)/bin/python" }

    /// A Python program of the tests.
    static func program(_ name: String) -> String { "\(root)/Tests/ReaderTests/Python/\(name)" }

    /// Runs a program of the tests in a release; what it prints when all is well.
    static func run(
        _ release: String, _ name: String, _ arguments: String..., within limit: Duration = .seconds(60)
    ) throws -> String {
        let ended = try Command.run([python(release), program(name)] + arguments, within: limit)
        guard ended.exit == .code(0) else { throw Trouble("\(release), \(name): \(ended.output)\n\(ended.error)") }
        return ended.output
    }
}
