/// Reads the files of a configuration into one tree: the first, and those that it includes.
struct SourceReader {
    /// How many files may be included.
    static let mostFiles = 1_024

    private let faults: FaultList
    private var tree: SourceTree
    private var read: Set<SourceFile.Identity> = []

    private init(file: String, faults: FaultList) {
        self.faults = faults
        tree = SourceTree(file: file)
    }

    /// The tree of a file and what it includes.
    static func tree(path: String, faults: FaultList) -> SourceTree {
        var reader = SourceReader(file: path, faults: faults)
        do throws(Complaint) {
            let file = try SourceFile(path: path)
            reader.read.insert(file.identity)
            reader.add(file.bytes, file: path)
        } catch {
            reader.fail(.file(path), "the configuration can not be read: \(error.text)")
        }
        return reader.tree
    }

    /// The tree of a text that stands for a file, and what it includes.
    static func tree(text: String, file: String, faults: FaultList) -> SourceTree {
        var reader = SourceReader(file: file, faults: faults)
        reader.add(Array(text.utf8), file: file)
        return reader.tree
    }

    private mutating func add(_ bytes: [UInt8], file: String) {
        guard let root = parse(bytes, file: file) else { return }
        tree.merge(root)
        var count = 0
        for (pattern, place) in patterns(root) {
            for path in paths(pattern, at: place, in: file) {
                count += 1
                guard count <= Self.mostFiles else {
                    return fail(place, "include names more than \(Self.mostFiles) files")
                }
                include(path, named: pattern, at: place)
            }
        }
    }

    private mutating func include(_ path: String, named pattern: String, at place: Place) {
        let file: SourceFile
        do throws(Complaint) {
            file = try SourceFile(path: path)
        } catch {
            return fail(place, "the included file \(path.quoted) can not be read: \(error.text)")
        }
        // A file that two patterns match, or that includes itself, counts once.
        guard read.insert(file.identity).inserted, let root = parse(file.bytes, file: path) else { return }
        if root.has(.include) { root.fault(.include, "may stand in the first file only, \(tree.file)") }
        tree.merge(root)
    }

    private func parse(_ bytes: [UInt8], file: String) -> TableReader<RootKey>? {
        guard let document = TOMLDocument(bytes, file: file) else {
            fail(.file(file), "there is not enough memory to read it")
            return nil
        }
        if let fault = document.fault {
            fail(Place(file: file, line: fault.line, column: fault.column), fault.sentence)
            return nil
        }
        return TableReader(document.root(), title: "the top level", faults: faults)
    }

    private func patterns(_ root: TableReader<RootKey>) -> [(text: String, place: Place)] {
        if case .array = root.value(.include)?.content { return root.strings(.include).elements }
        return root.name(.include).map { [($0, root.place(of: .include))] } ?? []
    }

    private func paths(_ pattern: String, at place: Place, in file: String) -> [String] {
        do throws(Complaint) {
            return try IncludePattern(path: SourceFile.path(pattern, namedIn: file)).paths()
        } catch {
            fail(place, "the files of include \(pattern.quoted) can not be found: \(error.text)")
            return []
        }
    }

    private func fail(_ place: Place, _ sentence: String) {
        faults.isComplete = false
        faults.fault(place, sentence)
    }
}
