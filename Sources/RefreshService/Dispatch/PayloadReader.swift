import RefreshCore

/// Reads the fields of one payload at a time, by the format of its channel.
final class PayloadReader {
    private let json: JSONReader
    private var paths: [[String]: JSONPath] = [:]
    private var isOpen = false
    private var payload: [UInt8] = []
    private var format = PayloadFormat.text

    /// Makes a reader; nil when there is no memory for it.
    init?() {
        guard let json = JSONReader() else { return nil }
        self.json = json
    }

    /// Takes a payload.
    func open(_ bytes: Bytes, as format: PayloadFormat) {
        payload = bytes.storage
        self.format = format
        if format == .json { isOpen = unsafe payload.withUnsafeBytes { unsafe json.open($0) } }
    }

    /// The value that a source points to.
    func find(_ source: ParameterSource) -> Field {
        switch source {
        case .payload: return .value(Bytes(payload))
        case .field(let index):
            let record = payload
            guard let value = DelimitedFields.field(index, of: record.span) else { return .absent }
            return .value(value)
        case .json(let components):
            guard isOpen else { return .malformed }
            return find(path(components))
        }
    }

    private func path(_ components: [String]) -> JSONPath {
        if let known = paths[components] { return known }
        let made = JSONPath(components)
        paths[components] = made
        return made
    }

    private func find(_ path: JSONPath) -> Field {
        unsafe json.find(path) { kind, text in
            switch kind {
            case .absent: .absent
            case .null: .null
            case .malformed: .malformed
            case .string, .number, .boolean: .value(Bytes(unsafe [UInt8](text)))
            case .container: .container(Bytes(unsafe [UInt8](text)))
            }
        }
    }
}
