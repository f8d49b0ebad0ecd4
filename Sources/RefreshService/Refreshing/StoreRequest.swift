import RefreshCore

/// What a write is to do with one key.
enum Fate: Equatable {
    case store
    /// There is no row, and readers are to know it.
    case storeNull
    case delete
    /// Nothing: the key failed, or something newer is known.
    case skip
}

/// Keys of one region to be written together, with their values.
final class StoreRequest {
    let region: Region
    /// The keys without the region's prefix.
    let keys: [Bytes]
    let fates: [Fate]
    /// The values; nil when nothing is stored.
    let answers: Answers?
    /// Appends the messages that leave with the write of a key, by the key's place.
    let messages: (Int, inout [Message]) -> Void

    init(
        region: Region, keys: [Bytes], fates: [Fate], answers: Answers?,
        messages: @escaping (Int, inout [Message]) -> Void
    ) {
        self.region = region
        self.keys = keys
        self.fates = fates
        self.answers = answers
        self.messages = messages
    }
}
