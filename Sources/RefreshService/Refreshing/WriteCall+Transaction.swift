import Redis
import RefreshCore

// As plain commands in a transaction, none of which is answered: what `WriteGate` sends.
extension WriteCall {
    /// Whether some command of it may be refused while others are carried out: only the script tells which.
    var needsAnswers: Bool {
        groups.contains(where: \.destination.isStream)
    }

    /// Whether there is too little to do for a transaction and what comes around it to be worth it.
    var isSmall: Bool { stores.count + deletions.count <= 4 && messages.count <= 4 }

    /// Appends the commands: values first, so that who hears of an event finds its value.
    func writeCommands(_ request: StoreRequest, to writer: inout CommandWriter) {
        let prefix = Array(request.region.prefix.utf8)
        unsafe prefix.withUnsafeBytes { prefix in
            switch request.region.format {
            case .hash: unsafe writeHashes(request, prefix, to: &writer)
            case .json, .text, .dogpile: unsafe writeValues(request, prefix, to: &writer)
            }
            if deletions.isEmpty { return }
            writer.begin("UNLINK", words: 1 + deletions.count)
            for place in deletions { unsafe Self.append(prefix, request.keys[place], to: &writer) }
        }
        writeMessages(to: &writer)
    }

    private func writeValues(
        _ request: StoreRequest, _ prefix: UnsafeRawBufferPointer, to writer: inout CommandWriter
    ) {
        let form = ValueForm(request.region)
        let ttl = request.region.ttlMilliseconds
        let head = PreparedWords(beginning: ["SET"], of: ttl == nil ? 3 : 5)
        let expiry = ttl.map { PreparedWords(["PX", "\($0)"]) }
        for place in stores {
            writer.append(head)
            unsafe Self.append(prefix, request.keys[place], to: &writer)
            form.append(place, of: request, to: &writer)
            if let expiry { writer.append(expiry) }
        }
    }

    private func writeHashes(
        _ request: StoreRequest, _ prefix: UnsafeRawBufferPointer, to writer: inout CommandWriter
    ) {
        for place in stores {
            let key = request.keys[place]
            writer.begin("DEL", words: 2)
            unsafe Self.append(prefix, key, to: &writer)
            let fields = Self.fieldCount(place, request)
            if fields == 0 { continue }
            writer.begin("HSET", words: 2 + 2 * fields)
            unsafe Self.append(prefix, key, to: &writer)
            Self.writeFields(place, request, to: &writer)
            guard let ttl = request.region.ttlMilliseconds else { continue }
            writer.begin("PEXPIRE", words: 3)
            unsafe Self.append(prefix, key, to: &writer)
            writer.append(Int(ttl))
        }
    }

    private func writeMessages(to writer: inout CommandWriter) {
        var next = 0
        for (destination, count) in groups {
            if case .channel(let name) = destination.target {
                let head = PreparedWords(beginning: ["PUBLISH", name], of: 3)
                for message in messages[next..<(next + count)] {
                    writer.append(head)
                    unsafe message.body.withUnsafeBytes { unsafe writer.append(bytes: $0) }
                }
            }
            next += count
        }
    }

    private static func append(_ prefix: UnsafeRawBufferPointer, _ key: Bytes, to writer: inout CommandWriter) {
        unsafe key.withUnsafeBytes { unsafe writer.appendParts(prefix, $0) }
    }
}
