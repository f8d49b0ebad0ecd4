import TestServers

/// R12: an answer is lost after the write was carried out, a call never arrives, or it arrives when it is stale.
struct MischievousProxy: Fault {
    let mischief: CuttingProxy.Mischief

    var row: String { "R12" }
    var what: String {
        switch mischief {
        case .loseAnswer: "a write's answer is lost"
        case .loseCall: "a write is lost with its connection"
        case .deliverLate(let seconds): "a write arrives \(seconds) s late, its connection long gone"
        }
    }
    var place: FaultPlace { .redis }
    var length: ClosedRange<Double> { 1.2...2.5 }

    func inject(_ arena: Arena) throws {
        // More than a call that raises the fence has.
        arena.ownersProxy.arm(mischief, minimum: 400)
    }

    func heal(_ arena: Arena) throws { for proxy in arena.proxies { proxy.disarm() } }
}
