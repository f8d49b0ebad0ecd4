import Glibc
import Testing

/// A folder of files that lives as long as a test.
final class ScratchFolder {
    let path: String
    /// Where a health server may listen; removed with the folder.
    var socket: String { path + "/health.sock" }
    private var made: [String] = []

    init(_ files: [String: String] = [:]) throws {
        var template = Array("/tmp/rekindle-test-XXXXXX".utf8CString)
        try template.withUnsafeMutableBufferPointer { buffer in
            let name = try #require(buffer.baseAddress)
            try #require(mkdtemp(name) != nil)
        }
        path = String(decoding: template.dropLast().map(UInt8.init(bitPattern:)), as: UTF8.self)
        for (name, text) in files { try write(name, text) }
    }

    /// Writes a file, in a folder of the folder if its name has a slash.
    func write(_ name: String, _ text: String) throws {
        if let slash = name.lastIndex(of: "/"), mkdir("\(path)/\(name[..<slash])", 0o700) == 0 {
            made.append("\(path)/\(name[..<slash])")
        }
        let file = try #require(fopen("\(path)/\(name)", "w"))
        fputs(text, file)
        fclose(file)
        made.append("\(path)/\(name)")
    }

    deinit { for path in made.reversed() + [socket, path] { remove(path) } }
}
