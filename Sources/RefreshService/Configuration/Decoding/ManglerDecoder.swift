import RefreshCore

/// Makes the mangler of a region's `mangler` and `mangle_from`.
enum ManglerDecoder {
    private enum Spelling: String, CaseIterable {
        case none, sha1, md5
        case sha1IfLonger = "sha1_if_longer"
        case md5IfLonger = "md5_if_longer"
    }

    /// The most characters a key may have and stay as it is: as many as memcached takes, and dogpile.cache with it.
    private static let usual = 250

    /// The mangler; nil when keys stay as they are.
    static func mangler(_ table: TableReader<RegionKey>) -> KeyMangler? {
        let spelling = table.choice(.mangler, of: Spelling.self) ?? .none
        let shortest = table.integer(.mangleFrom, in: 1...65_536) ?? usual
        let isConditional = spelling == .sha1IfLonger || spelling == .md5IfLonger
        if table.has(.mangleFrom), !isConditional {
            table.fault(.mangleFrom, "needs mangler = \"sha1_if_longer\" or \"md5_if_longer\"")
        }
        return switch spelling {
        case .none: nil
        case .sha1: KeyMangler(.sha1)
        case .md5: KeyMangler(.md5)
        case .sha1IfLonger: KeyMangler(.sha1, from: shortest)
        case .md5IfLonger: KeyMangler(.md5, from: shortest)
        }
    }
}

extension KeyMangler.Digest {
    /// What its digests look like.
    var noun: String { self == .sha1 ? "40 hexadecimal digits" : "32 hexadecimal digits" }
}
