/// Makes another name of a key, as a `key_mangler` of dogpile.cache does: the digest of its UTF-8 as hexadecimal text.
///
/// A key can not be read back from its digest, so a region whose keys are mangled is never refreshed by walking it.
public struct KeyMangler: Sendable, Hashable {
    /// What a key is replaced by.
    public enum Digest: Sendable, Hashable {
        /// As `sha1_mangle_key`.
        case sha1
        case md5

        /// How many hexadecimal digits it has.
        var length: Int { self == .sha1 ? 40 : 32 }
    }

    /// What a key is replaced by.
    public let digest: Digest
    /// Keys of fewer characters stay as they are, as with `length_conditional_mangler`; 0 mangles all.
    public let shortest: Int

    /// Makes a mangler of keys of at least so many characters.
    public init(_ digest: Digest, from shortest: Int = 0) {
        self.digest = digest
        self.shortest = shortest
    }

    /// The name of a key.
    public func mangled(_ key: Bytes) -> Bytes {
        if shortest > 0, characters(key) < shortest { return key }
        return digest == .sha1 ? SHA1.text(key) : MD5.text(key)
    }

    /// Whether a key looks as if it were a digest.
    func mayHaveMade(_ key: some Collection<UInt8>) -> Bool {
        key.count == digest.length
            && key.allSatisfy { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) || (0x61...0x66).contains($0) }
    }

    /// How many characters Python counts: every byte that does not go on a character.
    private func characters(_ key: Bytes) -> Int {
        if key.count < shortest { return key.count }
        return key.array.count { $0 & 0xC0 != 0x80 }
    }
}
