/// The latest events of the channels that are followed, in the order in which followers hear of them, each as the
/// bytes that they are sent; bounded in bytes.
///
/// A follower is a number here, that of the last event it has: it is slow when what comes next for it is not kept any
/// more, and one that comes back goes on where it was if nothing of its channels was missed since.
public struct EventLog: Sendable {
    /// Where somebody begins who has come.
    public enum Start: Sendable, Equatable {
        /// Behind the event of this number, and nothing is missing.
        case after(UInt64)
        /// Something may be missing, for this reason: it begins with what comes now.
        case now(MissedEvents)
    }

    private struct Entry {
        /// Nil for what everybody is to hear.
        let channel: ChannelID?
        let text: [UInt8]
    }

    private struct Record {
        /// The number from which on every event is taken in.
        let begun: UInt64
        /// The number of the last event that is not kept any more.
        var forgotten: UInt64
    }

    /// Names the run of numbers.
    public let epoch: UInt64
    /// The number of the latest event.
    public private(set) var last: UInt64 = 0
    /// About how much memory is taken.
    public private(set) var bytes = 0

    private let limit: Int
    private var records: [ChannelID: Record] = [:]
    private var entries: [Entry] = []
    /// Where the oldest entry is: those before it are void.
    private var head = 0
    /// The number of the last entry that is not kept any more, of whatever channel, and of those for everybody.
    private var forgotten: UInt64 = 0
    private var forgottenOfEverybody: UInt64 = 0

    /// What an entry takes besides its text.
    private static let overhead = 64

    /// An empty log that keeps about `limit` bytes.
    public init(epoch: UInt64, limit: Int) {
        self.epoch = epoch
        self.limit = limit
    }

    /// The id of the latest event.
    public var mark: EventMark { EventMark(epoch: epoch, number: last) }

    /// The channels whose events are taken in.
    public var channels: some Collection<ChannelID> { records.keys }

    // MARK: Writing

    /// Events of a channel are taken in from now on.
    public mutating func begin(_ channel: ChannelID) {
        guard records[channel] == nil else { return }
        // A number that no event has: who was given the one before may have missed events of this channel.
        append(nil, [])
        records[channel] = Record(begun: last, forgotten: last)
    }

    /// Events of a channel are not taken in any more.
    public mutating func stop(_ channel: ChannelID) { records[channel] = nil }

    /// Takes an event in; `make` gives its text by its id. One of a channel that was not begun is left out.
    public mutating func append(_ channel: ChannelID, _ make: (EventMark) -> [UInt8]) {
        guard records[channel] != nil else { return }
        append(channel, make(EventMark(epoch: epoch, number: last + 1)))
    }

    /// Takes in what everybody is to hear.
    public mutating func appendForEverybody(_ make: (EventMark) -> [UInt8]) {
        append(nil, make(EventMark(epoch: epoch, number: last + 1)))
    }

    private mutating func append(_ channel: ChannelID?, _ text: [UInt8]) {
        last += 1
        entries.append(Entry(channel: channel, text: text))
        bytes += text.count + Self.overhead
        while bytes > limit, head < entries.count { forgetOldest() }
    }

    private mutating func forgetOldest() {
        let entry = entries[head]
        bytes -= entry.text.count + Self.overhead
        forgotten += 1
        if let channel = entry.channel {
            records[channel]?.forgotten = forgotten
        } else {
            forgottenOfEverybody = forgotten
        }
        entries[head] = Entry(channel: nil, text: [])
        head += 1
        if head > 1024, head > entries.count / 2 {
            entries.removeFirst(head)
            head = 0
        }
    }

    // MARK: Reading

    /// Where somebody begins who was last given `mark`; nil who has not been here before.
    public func start(after mark: EventMark?, for interest: Interest) -> Start {
        guard let mark else { return .after(last) }
        guard mark.epoch == epoch, mark.number <= last else { return .now(.restart) }
        let isWhole: Bool
        switch interest {
        case .all: isWhole = records.values.allSatisfy { $0.begun <= mark.number }
        case .some(let channels):
            isWhole = channels.allSatisfy { records[$0].map { $0.begun <= mark.number } ?? false }
        }
        return isWhole && keeps(after: mark.number, for: interest) ? .after(mark.number) : .now(.forgotten)
    }

    /// Whether everything is there that somebody at `number` has still to hear.
    public func keeps(after number: UInt64, for interest: Interest) -> Bool {
        if forgotten <= number { return hasAll(of: interest) }
        guard case .some(let channels) = interest, forgottenOfEverybody <= number else { return false }
        return channels.allSatisfy { records[$0].map { $0.forgotten <= number } ?? false }
    }

    private func hasAll(of interest: Interest) -> Bool {
        guard case .some(let channels) = interest else { return true }
        return channels.allSatisfy { records[$0] != nil }
    }

    /// What comes behind `number` for somebody, up to about `limit` bytes, and moves `number` behind it.
    ///
    /// To be asked only while `keeps` holds.
    public func read(after number: inout UInt64, for interest: Interest, limit: Int) -> [UInt8] {
        var found: [UInt8] = []
        while number < last, found.count < limit {
            number += 1
            guard number > forgotten else { continue }
            let entry = entries[head + Int(number - forgotten - 1)]
            if interest.contains(entry.channel) { found += entry.text }
        }
        return found
    }
}
