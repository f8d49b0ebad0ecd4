import Glibc

/// What a demonstration was asked for.
struct DemoSettings: Sendable {
    /// How long the load runs; nil until Ctrl-C.
    var seconds: Int?
    /// Changes a second that the load makes, bursts not counted.
    var rate: Int
    /// How many items the shop has.
    var items: Int
    /// Only a JSON summary is printed.
    var json: Bool
    /// The scratch folder stays.
    var keep: Bool
    /// Whether standard output is a terminal that takes a panel.
    var isTerminal: Bool
    /// Whether the panel may use colours.
    var colour: Bool
}
