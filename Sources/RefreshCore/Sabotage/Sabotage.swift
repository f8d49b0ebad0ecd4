/// Turns off one mechanism that a guarantee rests on, so that tests can show that they would notice.
///
/// Only builds with `SABOTAGE` defined (debug builds, see Package.swift) hold the switch; in all others nothing can be
/// turned off, and what asks is compiled away.
public struct Sabotage: Sendable {
    /// What can be turned off.
    public enum Mechanism: String, Sendable, CaseIterable {
        /// The check of the owner's token by the write script (G2).
        case fence
        /// The resync once the listener, or Redis, is back (G3, G4).
        case resync
        /// That a key runs again when an event came while it ran (G3).
        case dirty
        /// That a refresh is done only once its write is acknowledged (G3, G4).
        case acknowledge
        /// That every notification is taken in: every 50th is not (G4).
        case notifications
        /// That a streaming resync leaves out keys which were refreshed since its snapshot (G2).
        case streaming
        /// That keys which change together wait as one group.
        case together
    }

    #if SABOTAGE
        private let broken: Mechanism?

        /// Turns off one mechanism, or none.
        public init(_ broken: Mechanism? = nil) { self.broken = broken }

        /// Whether the mechanism is turned off.
        public func breaks(_ mechanism: Mechanism) -> Bool { broken == mechanism }
    #else
        /// Turns nothing off.
        public init() {}

        /// Whether the mechanism is turned off: never.
        public func breaks(_ mechanism: Mechanism) -> Bool { false }
    #endif
}
