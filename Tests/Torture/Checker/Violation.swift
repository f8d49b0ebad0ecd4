/// What the run decides on.
enum Guarantee: String, CaseIterable, Sendable {
    case authentic = "G1"
    case monotone = "G2"
    case convergent = "G3"
    case nothingLostUnseen = "G4"
    case bounded = "G6"
    case honest = "G7"

    /// What it promises, in short.
    var promise: String {
        switch self {
        case .authentic: "every value is one whole result of its query"
        case .monotone: "no older value replaces a newer one"
        case .convergent: "once writes and faults stop, every key equals its query within the bound"
        case .nothingLostUnseen: "every gap is reported, every notification is accounted for"
        case .bounded: "memory and queue stay below their bounds"
        case .honest: "no key is out of date for longer than the bound while health is green"
        }
    }
}

/// Proof that a guarantee does not hold: the fewest observations that contradict it.
struct Violation: Sendable, Equatable {
    /// Which one.
    var guarantee: Guarantee
    /// What happened, as a sentence.
    var what: String
    /// The observations, oldest first, each with its time.
    var history: [String]
}

/// A value of a key as somebody saw it.
struct Sighting: Sendable, Equatable {
    /// The key.
    var key: String
    /// The bytes.
    var value: [UInt8]
    /// When, in seconds of the run; of the write log, when it was read.
    var time: Double
    /// Who saw it, such as `write 17 of the log`.
    var source: String

    /// For a history: time, source, key and the value, its middle left out when it is long.
    var line: String {
        let text = String(decoding: value, as: UTF8.self)
        let shown = text.count <= 160 ? text : "\(text.prefix(70)) … \(text.suffix(80))"
        return "\(RunClock.text(time)) s, \(source): \(key) = \(shown)"
    }
}
