import RefreshCore

/// Readers with letters for names who want keys of one region, and what is done for them in words.
struct ReadScene {
    private(set) var book = ReadBook()
    var isOwner = true
    var canWrite = true
    var isQueued = false
    /// The fills that the book has named, by their numbers.
    private var fills: [UInt64: Fill] = [:]

    static let value = Array("v".utf8)
    static let fault = RefreshFault(sqlState: "22012", text: "division by zero")

    mutating func asks(_ reader: Character, _ key: String = "k", isKnown: Bool = true) -> [String] {
        let wanted = CacheKey(region: Shop.items, key: Bytes(key))
        let maker = (query: Shop.item, parameters: Bytes(key))
        return words(book.asks(Self.number(reader), for: wanted, maker: isKnown ? maker : nil))
    }

    mutating func redisSays(_ answer: CacheAnswer, to reader: Character) -> [String] {
        words(
            book.looked(
                Self.number(reader), answer, isOwner: isOwner, canWrite: canWrite, isQueued: isQueued))
    }

    mutating func redisSaysNothing(to reader: Character) -> [String] { words(book.impatient(Self.number(reader))) }
    mutating func late(_ reader: Character) -> [String] { words(book.late(Self.number(reader))) }

    mutating func stored(_ fill: UInt64, _ fault: RefreshFault? = nil) -> [String] {
        fills[fill].map { words(book.stored($0, fault)) } ?? []
    }

    mutating func waited(_ fill: UInt64) -> [String] {
        fills[fill].map { words(book.waited($0, canStore: isOwner && canWrite)) } ?? []
    }

    mutating func fetched(_ fill: UInt64, _ answer: CacheAnswer) -> [String] {
        fills[fill].map { words(book.fetched($0, answer)) } ?? []
    }

    mutating func began(_ fill: UInt64) { fills[fill].map { book.began($0) } }

    mutating func computed(_ fill: UInt64, _ outcome: ReadOutcome = .computed(value)) -> [String] {
        fills[fill].map { words(book.computed($0, outcome)) } ?? []
    }

    mutating func renewed(_ fill: UInt64) { fills[fill].map { book.renewed($0) } }

    private mutating func words(_ actions: [ReadBook.Action]) -> [String] {
        actions.map { action in
            switch action {
            case .look(let reader, _): "look \(Self.name(reader))"
            case .store(let fill): note("store", fill)
            case .wait(let fill): note("wait", fill)
            case .fetch(let fill): note("fetch", fill)
            case .compute(let fill): note("compute", fill)
            case .abandon(let fill): note("abandon", fill)
            case .renew(let fill): note("renew", fill)
            case .answer(let reader, let outcome): "\(Self.name(reader)): \(outcome.name)"
            }
        }
    }

    private mutating func note(_ word: String, _ fill: Fill) -> String {
        fills[fill.number] = fill
        return "\(word) \(fill.number)"
    }

    private static func number(_ reader: Character) -> UInt64 { UInt64(reader.asciiValue ?? 0) }
    private static func name(_ number: UInt64) -> Character { Character(UnicodeScalar(UInt8(number))) }
}

extension CacheAnswer {
    static let fresh = CacheAnswer.value(ReadScene.value, isStale: false)
    static let stale = CacheAnswer.value(ReadScene.value, isStale: true)
}
