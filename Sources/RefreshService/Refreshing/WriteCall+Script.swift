import Redis
import RefreshCore

// As a call of the script `Fence.write`: slower, but every command's answer is known.
extension WriteCall {
    /// How many keys the script is given.
    var keyCount: Int { 1 + stores.count + deletions.count }

    /// How many arguments it is given.
    func argumentCount(_ request: StoreRequest) -> Int {
        var count = 5 + 5 * groups.count + messages.count
        guard request.region.format == .hash else { return count + stores.count }
        for place in stores { count += 1 + 2 * Self.fieldCount(place, request) }
        return count
    }

    /// Appends the keys and arguments, as `Fence.write` wants them.
    func write(_ request: StoreRequest, fence: String, token: String, to writer: inout CommandWriter) {
        let prefix = Array(request.region.prefix.utf8)
        unsafe prefix.withUnsafeBytes { prefix in
            writer.append(fence)
            for place in stores {
                unsafe request.keys[place].withUnsafeBytes { unsafe writer.appendParts(prefix, $0) }
            }
            for place in deletions {
                unsafe request.keys[place].withUnsafeBytes { unsafe writer.appendParts(prefix, $0) }
            }
        }
        writer.append(token)
        writer.append(Int(request.region.ttlMilliseconds ?? 0))
        writer.append(request.region.format == .hash ? "h" : "v")
        writer.append(stores.count)
        writer.append(groups.count)
        switch request.region.format {
        case .hash:
            for place in stores {
                writer.append(Self.fieldCount(place, request))
                Self.writeFields(place, request, to: &writer)
            }
        case .json, .text, .dogpile:
            let form = ValueForm(request.region)
            for place in stores { form.append(place, of: request, to: &writer) }
        }
        writeGroups(to: &writer)
    }

    private func writeGroups(to writer: inout CommandWriter) {
        var next = 0
        for (destination, count) in groups {
            switch destination.target {
            case .channel(let name):
                writer.append("p")
                writer.append(name)
                writer.append(0)
            case .stream(let name, let maxlen):
                writer.append("x")
                writer.append(name)
                writer.append(maxlen ?? 0)
            }
            writer.append(destination.field)
            writer.append(count)
            for message in messages[next..<(next + count)] {
                unsafe message.body.withUnsafeBytes { unsafe writer.append(bytes: $0) }
            }
            next += count
        }
    }

    static func fieldCount(_ place: Int, _ request: StoreRequest) -> Int {
        var count = 0
        unsafe request.answers?.forEachField(place) { _, _ in count += 1 }
        return count
    }

    static func writeFields(_ place: Int, _ request: StoreRequest, to writer: inout CommandWriter) {
        unsafe request.answers?.forEachField(place) { name, value in
            writer.append(name)
            unsafe writer.append(bytes: value)
        }
    }
}
