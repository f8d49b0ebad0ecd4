import Glibc

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
        guard let directory = opendir("\(root)/\(folder)") else { throw Unreadable(path: folder) }
        defer { closedir(directory) }
        var found: [(path: String, text: String)] = []
        while let entry = readdir(directory) {
            let name = withUnsafeBytes(of: entry.pointee.d_name) { bytes in
                String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
            }
            let path = "\(folder)/\(name)"
            if name.hasPrefix(".") { continue }
            if entry.pointee.d_type == UInt8(DT_DIR) {
                found += try sources(path)
            } else if name.hasSuffix(".swift") {
                found.append((path, try text(path)))
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
