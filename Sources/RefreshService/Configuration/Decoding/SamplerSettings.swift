extension Configuration.Sampler {
    private static let usualInterval: Int64 = 5_000
    private static let usualDelays: [Int64] = [1_000, 10_000]
    private static let longest: Int64 = 3_600_000
    private static let mostDelays = 8

    init(_ table: TableReader<SamplerKey>) {
        interval = Self.interval(table)
        delays = Self.delays(table).map { .milliseconds($0) }
    }

    private static func interval(_ table: TableReader<SamplerKey>) -> Duration? {
        if case .string("0") = table.value(.interval)?.content { return nil }
        let milliseconds = table.milliseconds(.interval, in: 0...longest) ?? usualInterval
        return milliseconds == 0 ? nil : .milliseconds(max(10, milliseconds))
    }

    private static func delays(_ table: TableReader<SamplerKey>) -> [Int64] {
        guard table.has(.delays) else { return usualDelays }
        let (elements, areAll) = table.strings(.delays)
        guard areAll else { return usualDelays }
        do throws(Complaint) {
            var found: [Int64] = []
            for element in elements {
                let delay = try DurationText.parse(element.text)
                guard delay > found.last ?? 0, delay <= longest else {
                    throw Complaint("must rise, from more than 0 up to \(DurationText.spelling(longest))")
                }
                found.append(delay)
            }
            guard (1...mostDelays).contains(found.count) else {
                throw Complaint("must be 1 to \(mostDelays) durations, such as [\"1s\", \"10s\"]")
            }
            return found
        } catch {
            table.fault(.delays, error.text)
            return usualDelays
        }
    }
}
