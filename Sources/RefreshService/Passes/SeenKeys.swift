import RefreshCore

/// The keys of all rows of a statement, eight bytes each.
///
/// By a fingerprint that depends on a secret: of two keys that share one, which nobody can bring about, the one that
/// vanished would stay until the next pass.
struct SeenKeys {
    private var prints: [UInt64] = []
    private let secret = UInt64.random(in: .min ... .max)

    /// Notes a key.
    mutating func insert(_ key: Bytes) { prints.append(key.fingerprint(secret: secret)) }

    /// The same, ready to be asked.
    consuming func sorted() -> SeenKeys {
        prints.sort()
        return self
    }

    /// Whether a key was noted; only after `sorted`.
    func contains(_ key: Bytes) -> Bool {
        let print = key.fingerprint(secret: secret)
        var (low, high) = (0, prints.count)
        while low < high {
            let middle = (low + high) / 2
            if prints[middle] < print { low = middle + 1 } else { high = middle }
        }
        return low < prints.count && prints[low] == print
    }
}
