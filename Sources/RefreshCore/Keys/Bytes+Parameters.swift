extension Bytes {
    /// Parameters in one run of bytes, with a zero byte between them; Postgres has no text with a zero byte in it.
    public init(joining parameters: [Bytes]) {
        if let only = parameters.first, parameters.count == 1 {
            self = only
            return
        }
        var joined: [UInt8] = []
        joined.reserveCapacity(parameters.reduce(parameters.count) { $0 + $1.count })
        for (index, parameter) in parameters.enumerated() {
            if index > 0 { joined.append(0) }
            joined.append(contentsOf: parameter.storage)
        }
        self.init(joined)
    }

    /// Lends each of the `count` parameters that `init(joining:)` has joined, in order.
    public func forEachParameter(of count: Int, _ body: (Int, ArraySlice<UInt8>) -> Void) {
        guard count > 0 else { return }
        if count == 1 { return body(0, storage[...]) }
        var start = storage.startIndex
        for index in 0..<count {
            let end = index == count - 1 ? storage.endIndex : storage[start...].firstIndex(of: 0) ?? storage.endIndex
            body(index, storage[start..<end])
            start = min(end + 1, storage.endIndex)
        }
    }
}
