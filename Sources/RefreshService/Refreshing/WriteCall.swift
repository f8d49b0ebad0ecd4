import Redis
import RefreshCore

/// One call of the write script: which keys of a request it stores and deletes, and the messages it sends.
struct WriteCall {
    private(set) var stores: [Int] = []
    private(set) var deletions: [Int] = []
    /// The messages, those to one destination in their order and together.
    private(set) var messages: [Message] = []
    private var groups: [(destination: Destination, count: Int)] = []
    /// About how many bytes it puts on the wire.
    private(set) var bytes = 200

    /// Parts a request into calls within the bounds; a value that is larger alone goes alone.
    static func split(_ request: StoreRequest) -> [WriteCall] {
        var calls: [WriteCall] = []
        var call = WriteCall()
        let prefix = request.region.prefix.utf8.count
        for place in request.keys.indices {
            let fate = request.fates[place]
            if fate == .skip { continue }
            let before = call.messages.count
            request.messages(place, &call.messages)
            var size = 24 + prefix + request.keys[place].count
            for index in before..<call.messages.count { size += call.messages[index].bytes }
            if fate == .store { size += 48 + (request.answers?.size(place) ?? 0) }
            if call.isFull(messages: before, with: size) {
                let next = WriteCall(messages: Array(call.messages[before...]))
                call.messages.removeSubrange(before...)
                calls.append(call)
                call = next
            }
            if fate == .delete { call.deletions.append(place) } else { call.stores.append(place) }
            call.bytes += size
        }
        if !call.isEmpty { calls.append(call) }
        for index in calls.indices { calls[index].groupMessages() }
        return calls
    }

    private init(messages: [Message] = []) { self.messages = messages }

    private var isEmpty: Bool { stores.isEmpty && deletions.isEmpty }

    private func isFull(messages: Int, with more: Int) -> Bool {
        !isEmpty
            && (bytes + more > RegionWriter.callBytes || stores.count + deletions.count >= RegionWriter.callKeys
                || messages >= RegionWriter.callMessages)
    }

    /// Puts the messages to one destination together: the script is told of it once.
    private mutating func groupMessages() {
        var start = 0
        while start < messages.count {
            let first = messages[start].destination
            var end = start + 1
            while end < messages.count, messages[end].destination === first { end += 1 }
            if end < messages.count {
                let rest = messages[end...]
                let own = rest.filter { $0.destination === first }
                end += own.count
                messages.replaceSubrange((end - own.count)..., with: own + rest.filter { $0.destination !== first })
            }
            groups.append((first, end - start))
            start = end
        }
    }

    var keyCount: Int { 1 + stores.count + deletions.count }

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
        case .hash: for place in stores { Self.writeFields(place, request, to: &writer) }
        case .json, .text: writeValues(request, header: [], to: &writer)
        case .dogpile: writeValues(request, header: Self.dogpileHeader(), to: &writer)
        }
        writeMessages(to: &writer)
    }

    private func writeMessages(to writer: inout CommandWriter) {
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

    private func writeValues(_ request: StoreRequest, header: [UInt8], to writer: inout CommandWriter) {
        let null: [UInt8] = request.region.format == .text ? [] : Array("null".utf8)
        for place in stores {
            guard request.fates[place] == .store, let answers = request.answers else {
                writer.appendParts(header, null)
                continue
            }
            unsafe answers.withValue(place) { value in
                if header.isEmpty {
                    unsafe writer.append(bytes: value)
                } else {
                    unsafe header.withUnsafeBytes { unsafe writer.appendParts($0, value) }
                }
            }
        }
    }

    /// dogpile.cache's metadata: when the value was made, in seconds since 1970, and the version of the format.
    private static func dogpileHeader() -> [UInt8] {
        let now = WallClock.microseconds
        let part = String(now % 1_000_000)
        let padded = String(repeating: "0", count: 6 - part.count) + part
        return Array("{\"ct\": \(now / 1_000_000).\(padded), \"v\": 2}|".utf8)
    }

    private static func fieldCount(_ place: Int, _ request: StoreRequest) -> Int {
        var count = 0
        unsafe request.answers?.forEachField(place) { _, _ in count += 1 }
        return count
    }

    private static func writeFields(_ place: Int, _ request: StoreRequest, to writer: inout CommandWriter) {
        writer.append(fieldCount(place, request))
        unsafe request.answers?.forEachField(place) { name, value in
            writer.append(name)
            unsafe writer.append(bytes: value)
        }
    }
}
