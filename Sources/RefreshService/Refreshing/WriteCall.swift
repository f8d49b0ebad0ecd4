import Redis
import RefreshCore

/// One call of the write script: which keys of a request it stores and deletes, and the messages it sends.
struct WriteCall {
    private(set) var stores: [Int] = []
    private(set) var deletions: [Int] = []
    private(set) var messages: [Message] = []
    /// About how many bytes it puts on the wire.
    private(set) var bytes = 200

    /// Parts a request into calls within the bounds; a value that is larger alone goes alone.
    static func split(_ request: StoreRequest) -> [WriteCall] {
        var calls: [WriteCall] = []
        var call = WriteCall()
        var messages: [Message] = []
        let prefix = request.region.prefix.utf8.count
        for (place, key) in request.keys.enumerated() {
            let fate = request.fates[place]
            if fate == .skip { continue }
            messages.removeAll(keepingCapacity: true)
            request.messages(place, &messages)
            var size = 24 + prefix + key.count + messages.reduce(0) { $0 + $1.bytes }
            if fate == .store { size += 48 + (request.answers?.size(place) ?? 0) }
            if call.isFull(with: size) {
                calls.append(call)
                call = WriteCall()
            }
            if fate == .delete { call.deletions.append(place) } else { call.stores.append(place) }
            call.messages += messages
            call.bytes += size
        }
        if !call.isEmpty { calls.append(call) }
        return calls
    }

    private var isEmpty: Bool { stores.isEmpty && deletions.isEmpty }

    private func isFull(with more: Int) -> Bool {
        !isEmpty
            && (bytes + more > RegionWriter.callBytes || stores.count + deletions.count >= RegionWriter.callKeys
                || messages.count >= RegionWriter.callMessages)
    }

    var keyCount: Int { 1 + stores.count + deletions.count }

    func argumentCount(_ request: StoreRequest) -> Int {
        var count = 5 + 5 * messages.count
        guard request.region.format == .hash else { return count + stores.count }
        for place in stores { count += 1 + 2 * Self.fieldCount(place, request) }
        return count
    }

    /// Appends the keys and arguments, as `Fence.write` wants them.
    func write(_ request: StoreRequest, fence: String, token: String, to writer: inout CommandWriter) {
        let prefix = Array(request.region.prefix.utf8)
        writer.append(fence)
        for place in stores { writer.appendParts(prefix, request.keys[place].storage) }
        for place in deletions { writer.appendParts(prefix, request.keys[place].storage) }
        writer.append(token)
        writer.append(Int(request.region.ttlMilliseconds ?? 0))
        writer.append(request.region.format == .hash ? "h" : "v")
        writer.append(stores.count)
        writer.append(messages.count)
        switch request.region.format {
        case .hash: for place in stores { Self.writeFields(place, request, to: &writer) }
        case .json, .text: writeValues(request, header: [], to: &writer)
        case .dogpile: writeValues(request, header: Self.dogpileHeader(), to: &writer)
        }
        for message in messages { Self.write(message, to: &writer) }
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

    private static func write(_ message: Message, to writer: inout CommandWriter) {
        switch message.target {
        case .channel(let name):
            writer.append("p")
            writer.append(name)
            writer.append(0)
        case .stream(let name, let maxlen):
            writer.append("x")
            writer.append(name)
            writer.append(maxlen ?? 0)
        }
        writer.append(message.field)
        writer.append(message.body)
    }
}
