import RefreshCore

/// Reads the fields of one payload at a time, by the format of its channel.
final class PayloadReader {
    private let json: JSONReader
    /// The compiled paths of each channel's sources, by channel and place.
    private var paths: [[JSONPath?]] = []
    private var current = 0
    private var isOpen = false
    private var payload = Bytes.empty
    private var formats: [PayloadFormat] = []

    /// Makes a reader; nil when there is no memory for it.
    init?() {
        guard let json = JSONReader() else { return nil }
        self.json = json
    }

    /// Learns the format and sources of every channel, by the channel's number.
    func learn(_ catalogue: Catalogue, _ router: borrowing Router) {
        formats = catalogue.channels.map { $0?.payload ?? .text }
        paths = catalogue.channels.indices.map { channel in
            router.sources(of: ChannelID(channel)).map { source in
                if case .json(let components) = source { JSONPath(components) } else { nil }
            }
        }
    }

    /// Takes a payload of a channel.
    func open(_ bytes: Bytes, of channel: ChannelID) {
        current = channel.index
        let format = formats[current]
        payload = bytes
        if format == .json { isOpen = unsafe bytes.withUnsafeBytes { unsafe json.open($0) } }
    }

    /// Where the elements of a JSON array lie in its bytes; nil when the payload is none.
    func elements(of bytes: Bytes) -> [Range<Int>]? {
        unsafe bytes.withUnsafeBytes { unsafe json.open($0) } ? json.elements() : nil
    }

    /// The value that the source at a place of the channel's list points to.
    func find(_ source: ParameterSource, at place: Int) -> Field {
        switch source {
        case .payload: return .value(payload)
        case .field(let index):
            guard let value = payload.withSpan({ DelimitedFields.field(index, of: $0) }) else { return .absent }
            return .value(value)
        case .json:
            guard isOpen, let path = paths[current][place] else { return .malformed }
            return find(path)
        }
    }

    private func find(_ path: JSONPath) -> Field {
        unsafe json.find(path) { kind, text in
            switch kind {
            case .absent: .absent
            case .null: .null
            case .malformed: .malformed
            case .string, .number, .boolean: .value(unsafe Bytes(copying: text))
            case .container: .container(unsafe Bytes(copying: text))
            }
        }
    }
}
