import Glibc
import TestServers

/// The repository's own files, found from this one.
enum Repository {
    static let root: String = {
        let here = #filePath.split(separator: "/", omittingEmptySubsequences: false)
        return here.dropLast(3).joined(separator: "/")
    }()

    /// The text of a file.
    static func text(_ path: String) throws -> String {
        guard let file = fopen("\(root)/\(path)", "r") else { throw Unreadable(path: path) }
        defer { fclose(file) }
        var bytes: [UInt8] = []
        var part = [UInt8](repeating: 0, count: 65_536)
        while case let count = fread(&part, 1, part.count, file), count > 0 { bytes += part[..<count] }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// The texts of all Swift files below a folder, by path.
    static func sources(_ folder: String) throws -> [(path: String, text: String)] {
        let names = folderEntries("\(root)/\(folder)")
        if names.isEmpty { throw Unreadable(path: folder) }
        var found: [(path: String, text: String)] = []
        for name in names where !name.hasPrefix(".") {
            let path = "\(folder)/\(name)"
            if name.hasSuffix(".swift") {
                found.append((path, try text(path)))
            } else if !name.contains(".") {
                found += try sources(path)
            }
        }
        return found.sorted { $0.path < $1.path }
    }
}

/// A file or folder of the repository that can not be read.
struct Unreadable: Error, CustomStringConvertible {
    let path: String

    var description: String { "\(path) can not be read." }
}
