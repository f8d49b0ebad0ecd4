/// The parts of `scheme://user:password@host/path?query`, the shape of Redis' and Postgres' URLs.
///
/// It says only what stands where; it is made of whatever has `://` in it.
struct LocatorText {
    let scheme: String
    /// Still percent-encoded; nil when there is no `@`.
    let user: String?
    /// Still percent-encoded; nil when there is no `:` before the `@`.
    let password: String?
    /// Host and port as written.
    let authority: String
    /// With its leading slash, or empty.
    let path: String
    /// The pairs of the query, still percent-encoded.
    let query: [(name: String, value: String)]

    init?(_ text: String) {
        guard let (scheme, rest) = text.cut(at: "://") else { return nil }
        let authorityEnd = rest.utf8.firstIndex { "/?#".utf8.contains($0) } ?? rest.endIndex
        let authority = rest[..<authorityEnd]
        let (path, query) = rest[authorityEnd...].cut(at: "?") ?? (rest[authorityEnd...], "")
        self.scheme = String(scheme).lowercased()
        if let at = authority.utf8.lastIndex(of: UInt8(ascii: "@")) {
            let credentials = authority[..<at]
            let parts = credentials.cut(at: ":")
            user = String(parts?.0 ?? credentials)
            password = parts.map { String($0.1) }
            self.authority = String(authority[authority.utf8.index(after: at)...])
        } else {
            (user, password) = (nil, nil)
            self.authority = String(authority)
        }
        self.path = String(path)
        self.query = query.utf8.split(separator: UInt8(ascii: "&")).map { pair in
            let pair = Substring(pair)
            let (name, value) = pair.cut(at: "=") ?? (pair, "")
            return (String(name), String(value))
        }
    }
}

extension StringProtocol where SubSequence == Substring {
    /// What stands before and after the first occurrence of a separator of ASCII; nil when there is none.
    ///
    /// Found by bytes: a separator before a combining mark is part of a longer character, and still separates.
    func cut(at separator: String) -> (Substring, Substring)? {
        guard let place = utf8.firstRange(of: separator.utf8) else { return nil }
        return (self[..<place.lowerBound], self[place.upperBound...])
    }

    /// The text with `%41` read as the byte it stands for; nil when a `%` is not followed by two hex digits or the
    /// bytes are not UTF-8.
    func percentDecoded() -> String? {
        var bytes: [UInt8] = []
        var rest = Array(utf8)[...]
        while let byte = rest.popFirst() {
            guard byte == UInt8(ascii: "%") else {
                bytes.append(byte)
                continue
            }
            guard rest.count >= 2, let digits = String(validating: rest.prefix(2), as: UTF8.self),
                !digits.hasPrefix("+"), !digits.hasPrefix("-"), let decoded = UInt8(digits, radix: 16)
            else { return nil }
            rest = rest.dropFirst(2)
            bytes.append(decoded)
        }
        return String(validating: bytes, as: UTF8.self)
    }
}
