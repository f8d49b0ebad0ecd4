extension KeyTemplate {
    /// The key of values, one a name in the order of `names`.
    public func key(_ values: [Bytes]) -> Bytes {
        var key: [UInt8] = []
        append(key: values, to: &key)
        return Bytes(key)
    }

    /// Appends the key of values, one a name in the order of `names`.
    public func append(key values: [Bytes], to buffer: inout [UInt8]) {
        var next = 0
        for part in parts {
            switch part {
            case .literal(let text): buffer.append(contentsOf: text)
            case .name:
                unsafe values[next].withUnsafeBytes { unsafe buffer.append(contentsOf: $0) }
                next += 1
            }
        }
    }

    /// The values that make a key, if any do.
    public enum Match: Equatable, Sendable {
        /// The text cannot be a key of the template.
        case none
        /// The only values that make this key, in the order of `names`.
        case one([Bytes])
        /// Several sets of values make this key: a literal of the template occurs within a value.
        case ambiguous
    }

    /// Finds the values of a key; a value may be empty.
    ///
    /// It splits at the leftmost places that leave the rest possible, and at the rightmost; all other ways lie
    /// between, so that there is only one when these two agree.
    public func match(_ key: [UInt8]) -> Match {
        guard !names.isEmpty else { return parts == (key.isEmpty ? [] : [.literal(key)]) ? .one([]) : .none }
        var separators: [[UInt8]] = []
        var body = key[...]
        for (index, part) in parts.enumerated() {
            guard case .literal(let text) = part else { continue }
            if index == 0 {
                guard body.starts(with: text) else { return .none }
                body = body.dropFirst(text.count)
            } else if index == parts.count - 1 {
                guard body.suffix(text.count) == text[...] else { return .none }
                body = body.dropLast(text.count)
            } else {
                separators.append(text)
            }
        }
        guard let leftmost = Self.leftmost(separators, in: body) else { return .none }
        guard leftmost == Self.rightmost(separators, in: body) else { return .ambiguous }
        return .one(Self.values(of: body, at: leftmost, separators))
    }

    private static func leftmost(_ separators: [[UInt8]], in body: ArraySlice<UInt8>) -> [Int]? {
        var starts: [Int] = []
        var from = body.startIndex
        for separator in separators {
            while from + separator.count <= body.endIndex, !body[from...].starts(with: separator) { from += 1 }
            guard from + separator.count <= body.endIndex else { return nil }
            starts.append(from)
            from += separator.count
        }
        return starts
    }

    private static func rightmost(_ separators: [[UInt8]], in body: ArraySlice<UInt8>) -> [Int] {
        var starts: [Int] = []
        var end = body.endIndex
        for separator in separators.reversed() {
            var start = end - separator.count
            while start > body.startIndex, !body[start...].starts(with: separator) { start -= 1 }
            starts.append(start)
            end = start
        }
        return starts.reversed()
    }

    private static func values(of body: ArraySlice<UInt8>, at starts: [Int], _ separators: [[UInt8]]) -> [Bytes] {
        var values: [Bytes] = []
        var from = body.startIndex
        for (start, separator) in zip(starts, separators) {
            values.append(Bytes(Array(body[from..<start])))
            from = start + separator.count
        }
        values.append(Bytes(Array(body[from...])))
        return values
    }
}
