/// Something that goes wrong, and is mended.
protocol Fault {
    /// The row of the fault matrix, such as `P1`.
    var row: String { get }
    /// What is done, in a few words.
    var what: String { get }
    /// What it works on: two faults at once never work on the same.
    var place: FaultPlace { get }
    /// How long it may last, in seconds, until it is healed.
    var length: ClosedRange<Double> { get }
    /// Makes it happen.
    func inject(_ arena: Arena) throws
    /// Mends it.
    func heal(_ arena: Arena) throws
}

extension Fault {
    var length: ClosedRange<Double> { 0.1...1.5 }
    func heal(_ arena: Arena) throws {}
}

/// What a fault works on.
enum FaultPlace: Sendable { case postgres, redis, daemon, workload }
