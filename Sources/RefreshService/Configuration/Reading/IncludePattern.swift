import Glibc

/// A pattern of `include`, as glob(3) reads it.
struct IncludePattern {
    /// Relative to the working directory, or absolute.
    let path: String

    /// True when the pattern may match nothing; a plain name must exist.
    var isWild: Bool { path.contains { "*?[".contains($0) } }

    /// The paths that match, sorted; throws when the file system can not tell.
    func paths() throws(Complaint) -> [String] {
        guard isWild else { return [path] }
        var found = unsafe glob_t()
        defer { unsafe globfree(&found) }
        switch unsafe glob(path, 0, nil, &found) {
        case 0: break
        case GLOB_NOMATCH: return []
        default: throw Complaint("it can not be searched for")
        }
        var paths: [String] = []
        for index in unsafe 0..<Int(found.gl_pathc) {
            if let path = unsafe found.gl_pathv[index] { paths.append(unsafe String(cString: path)) }
        }
        return paths
    }
}
