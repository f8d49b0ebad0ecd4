import RefreshCore

/// One write: which keys of a request it stores and deletes, and the messages it sends.
struct WriteCall {
    private(set) var stores: [Int] = []
    private(set) var deletions: [Int] = []
    /// The messages, those to one destination in their order and together.
    private(set) var messages: [Message] = []
    private(set) var groups: [(destination: Destination, count: Int)] = []
    /// How many of the messages go to streams.
    private var streamCount = 0
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
            var streamCount = 0
            for index in before..<call.messages.count {
                size += call.messages[index].bytes
                if call.messages[index].destination.isStream { streamCount += 1 }
            }
            if fate == .store { size += 48 + (request.answers?.size(place) ?? 0) }
            if call.isFull(messages: before, with: size) {
                let next = WriteCall(messages: Array(call.messages[before...]))
                call.messages.removeSubrange(before...)
                calls.append(call)
                call = next
            }
            if fate == .delete { call.deletions.append(place) } else { call.stores.append(place) }
            call.streamCount += streamCount
            call.bytes += size
        }
        if !call.isEmpty { calls.append(call) }
        return calls.flatMap { $0.grouped() }
    }

    private init(messages: [Message] = []) { self.messages = messages }

    /// With its messages by destination; those to streams, which need answers, in a call of their own, for then what
    /// comes before them needs none. Where there is little to do one call does it all.
    private func grouped() -> [WriteCall] {
        var first = self
        if streamCount == 0 || isSmall {
            first.groupMessages()
            return [first]
        }
        var second = WriteCall(messages: messages.filter(\.destination.isStream))
        first.messages.removeAll(where: \.destination.isStream)
        (first.streamCount, second.streamCount) = (0, streamCount)
        second.bytes = second.messages.reduce(second.bytes) { $0 + $1.bytes }
        first.bytes -= second.bytes - WriteCall().bytes
        first.groupMessages()
        second.groupMessages()
        return [first, second]
    }

    private var isEmpty: Bool { stores.isEmpty && deletions.isEmpty }

    private func isFull(messages: Int, with more: Int) -> Bool {
        !isEmpty
            && (bytes + more > RegionWriter.callBytes || stores.count + deletions.count >= RegionWriter.callKeys
                || max(messages - streamCount, streamCount) >= RegionWriter.callMessages)
    }

    /// Puts the messages to one destination together: it is told once.
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
}
