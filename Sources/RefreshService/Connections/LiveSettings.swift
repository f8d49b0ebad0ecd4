import Reactor

/// The settings in force: a reload replaces them, and whoever connects next uses them.
@Loop
final class LiveSettings {
    var current: ServiceSettings

    init(_ settings: ServiceSettings) { current = settings }
}
