/// What becomes of the values that are made.
extension ReadBook {
    /// The queue has stored the value, or can not: then with why.
    public mutating func stored(_ fill: Fill, _ fault: RefreshFault?) -> [Action] {
        guard let state = state(of: fill), state.phase == .storing else { return [] }
        if let fault { return end(fill, .failed(fault)) }
        if state.readers.isEmpty { return forget(fill) }
        fills[fill.wanted]?.phase = .fetching
        return [.fetch(fill)]
    }

    /// The value is not stored yet.
    public mutating func waited(_ fill: Fill, canStore: Bool) -> [Action] {
        guard let state = state(of: fill), state.phase == .storing else { return [] }
        return canStore ? [.wait(fill)] : makeDirectly(fill)
    }

    /// Redis was asked for what was stored.
    public mutating func fetched(_ fill: Fill, _ answer: CacheAnswer) -> [Action] {
        guard let state = state(of: fill), state.phase == .fetching else { return [] }
        switch answer {
        case .value(let value, _): return end(fill, .created(value))
        case .nothing: return end(fill, .missing)
        case .away: return makeDirectly(fill)
        }
    }

    /// The query is run for the readers alone from now on.
    public mutating func began(_ fill: Fill) {
        if state(of: fill)?.phase == .inLine { fills[fill.wanted]?.phase = .running }
    }

    /// The query was run for the readers alone.
    public mutating func computed(_ fill: Fill, _ outcome: ReadOutcome) -> [Action] {
        guard let state = state(of: fill), state.phase == .inLine || state.phase == .running else { return [] }
        return end(fill, outcome)
    }

    /// Its state, if it is under way, and not another one of the same key.
    private func state(of fill: Fill) -> FillState? {
        fills[fill.wanted].flatMap { $0.fill.number == fill.number ? $0 : nil }
    }

    private mutating func makeDirectly(_ fill: Fill) -> [Action] {
        if fills[fill.wanted]?.readers.isEmpty != false { return forget(fill) }
        fills[fill.wanted]?.phase = .inLine
        return [.compute(fill)]
    }

    /// Nobody is left to be told.
    private mutating func forget(_ fill: Fill) -> [Action] {
        fills[fill.wanted] = nil
        return []
    }

    private mutating func end(_ fill: Fill, _ outcome: ReadOutcome) -> [Action] {
        guard let state = fills.removeValue(forKey: fill.wanted) else { return [] }
        for reader in state.readers { joined[reader] = nil }
        return state.readers.map { .answer(reader: $0, outcome) }
    }
}
