import RefreshCore

/// A guarantee of the design that a run can break.
public enum Guarantee: String, Sendable, CaseIterable {
    case authentic = "G1 authentic"
    case monotone = "G2 monotone"
    case convergent = "G3 convergent"
    case nothingLost = "G4 nothing lost unseen"
    case bounded = "G6 bounded"
    case together = "keys that change together"
    case announced = "messages after storing"
}

/// What broke a guarantee, and when.
public struct Violation: Error, CustomStringConvertible, Sendable {
    /// Which one.
    public let guarantee: Guarantee
    /// What happened.
    public let text: String
    let time: Moment

    /// The guarantee, the time and what happened.
    public var description: String { "\(guarantee.rawValue) broken at \(Trace.time(time)): \(text)" }
}

/// The lines of a run's history, kept only when somebody is to read them.
final class Trace {
    let isOn: Bool
    private(set) var lines: [String] = []

    init(isOn: Bool) { self.isOn = isOn }

    func note(_ time: Moment, _ who: String, _ what: @autoclosure () -> String) {
        if isOn { lines.append("\(Self.time(time))  \(who)  \(what())") }
    }

    static func time(_ time: Moment) -> String {
        let microseconds = time.nanoseconds / 1000
        let (seconds, rest) = microseconds.quotientAndRemainder(dividingBy: 1_000_000)
        let fraction = String(rest)
        return "\(seconds).\(String(repeating: "0", count: 6 - fraction.count))\(fraction)"
    }
}
