import RefreshCore

extension Sabotage {
    /// The name of the environment variable that test builds heed.
    static let variable = "REKINDLE_SABOTAGE"

    /// What the environment asks to turn off; nothing, in builds that are shipped.
    init(environment: [String: String]) {
        #if SABOTAGE
            self.init(environment[Self.variable].flatMap(Mechanism.init(rawValue:)))
        #else
            self.init()
        #endif
    }
}
