import Glibc

/// The names in a folder, without `.` and `..`; none when it can not be read.
public func folderEntries(_ path: String) -> [String] {
    guard let folder = opendir(path) else { return [] }
    defer { closedir(folder) }
    // An entry is only as long as its name: it is read where it lies, never as the whole of its declared type.
    let offset = MemoryLayout<dirent>.offset(of: \.d_name) ?? 0
    var names: [String] = []
    while let entry = readdir(folder) {
        let name = UnsafeRawPointer(entry).advanced(by: offset).assumingMemoryBound(to: CChar.self)
        names.append(String(cString: name))
    }
    return names.filter { $0 != "." && $0 != ".." }
}
