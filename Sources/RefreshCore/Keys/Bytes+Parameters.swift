extension Bytes {
    /// Parameters in one run of bytes, with a zero byte between them; Postgres has no text with a zero byte in it.
    public init(joining parameters: [Bytes]) {
        if let only = parameters.first, parameters.count == 1 {
            self = only
            return
        }
        var joined: [UInt8] = []
        joined.reserveCapacity(parameters.reduce(parameters.count) { $0 + $1.count })
        Self.join(parameters, into: &joined)
        self.init(joined)
    }

    /// Appends parameters with a zero byte between them.
    static func join(_ parameters: [Bytes], into joined: inout [UInt8]) {
        for index in parameters.indices {
            if index > 0 { joined.append(0) }
            unsafe parameters[index].withUnsafeBytes { unsafe joined.append(contentsOf: $0) }
        }
    }

    /// Lends each of the `count` parameters that `init(joining:)` has joined, in order.
    public func forEachParameter(of count: Int, _ body: (Int, borrowing Span<UInt8>) -> Void) {
        guard count > 0 else { return }
        withSpan { bytes in
            if count == 1 { return body(0, bytes) }
            var start = 0
            for index in 0..<count {
                var end = start
                while end < bytes.count, index == count - 1 || bytes[end] != 0 { end += 1 }
                body(index, bytes.extracting(start..<end))
                start = min(end + 1, bytes.count)
            }
        }
    }
}
