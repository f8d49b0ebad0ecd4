import FuzzSupport

@testable import RefreshCore
@testable import RefreshService

/// Any bytes either load as a configuration or are refused, with every fault at a place inside the file.
@main enum ConfigurationTarget {
    // Includes and SQL files are looked for beside it, where nothing is.
    private static let file = "/nonexistent/f.toml"

    static func main() {
        fuzz { input in
            guard let document = TOMLDocument(input, file: file) else {
                expect(false, "there is no memory for a small file")
                return .rejected
            }
            if let fault = document.fault { check([fault], in: input) }
            let text = String(decoding: input, as: UTF8.self)
            guard TOMLDocument(Array(text.utf8), file: file)?.root().namesNoFile ?? false else { return .rejected }
            load(text)
            return .worthKeeping
        }
    }

    private static func load(_ text: String) {
        let bytes = Array(text.utf8)
        do throws(ConfigurationError) {
            let configuration = try Configuration.load(text: text, file: file)
            check(configuration.warnings, in: bytes)
            use(configuration.registry)
        } catch {
            expect(!error.faults.isEmpty, "a configuration is refused without a fault")
            check(error.faults, in: bytes)
            check(error.warnings, in: bytes)
            do throws(ConfigurationError) {
                _ = try Configuration.load(text: text, file: file)
                expect(false, "what was refused loads when it is read again")
            } catch let again {
                expect(again == error, "the faults differ from one time to the next")
            }
        }
    }

    private static func check(_ faults: [Fault], in text: [UInt8]) {
        let lines = text.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
        expect(faults == faults.sorted(), "the faults are not in the order of the file")
        for fault in faults {
            expect(fault.file == file, "a fault is of another file")
            expect(!fault.sentence.isEmpty && !fault.sentence.contains("\n"), "a fault is not one line")
            guard fault.line != 0 || fault.column != 0 else { continue }
            expect((1...lines.count + 1).contains(fault.line), "the fault lies behind the file: \(fault)")
            let width = fault.line <= lines.count ? lines[fault.line - 1].count : 0
            expect((1...width + 1).contains(fault.column), "the fault lies beside its line: \(fault)")
        }
    }

    /// What loads can be used: each reference in it leads somewhere.
    private static func use(_ registry: Registry) {
        let catalogue = Catalogue(registry)
        let router = Router(catalogue)
        for query in registry.queries {
            expect(catalogue.region(query.region) != nil, "a query is of no region")
            expect(ParameterOrder(of: query.parameters, in: query.key) != nil, "a key lacks a parameter")
        }
        for channel in registry.channels {
            guard let id = catalogue.channel(channel.name) else {
                expect(false, "a channel has no number")
                continue
            }
            _ = router.sources(of: id)
            for rule in channel.refresh {
                let query = catalogue.query(rule.query).flatMap { catalogue.queries[$0.index] }
                expect(query?.parameters.count == rule.sources.count, "a rule does not fill its query")
            }
            for rule in channel.invalidate {
                expect(catalogue.region(rule.region) != nil, "a rule deletes from no region")
                expect((rule.key?.names.count ?? 0) == rule.sources.count, "a rule does not fill its key")
            }
        }
    }
}

extension TOMLValue {
    /// Whether no `include` or `sql_file` of it names an absolute path: the file system is not what is tried here.
    var namesNoFile: Bool {
        switch content {
        case .table(let members):
            members.allSatisfy { member in
                ["include", "sql_file"].contains(member.name) ? !member.value.holdsPath : member.value.namesNoFile
            }
        case .array(let values): values.allSatisfy(\.namesNoFile)
        default: true
        }
    }

    private var holdsPath: Bool {
        switch content {
        case .table(let members): members.contains(where: \.value.holdsPath)
        case .array(let values): values.contains(where: \.holdsPath)
        case .string(let text): text.hasPrefix("/")
        default: false
        }
    }
}
