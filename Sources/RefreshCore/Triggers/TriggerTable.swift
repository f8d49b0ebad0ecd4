/// A table whose changes are to be notified, as the database has it.
public struct TriggerTable: Sendable, Equatable {
    /// The table, with its schema.
    public let name: TableName
    /// All tables that get triggers: the table, then its partitions or the tables that inherit from it.
    public let members: [TableName]
    /// The columns that an event tells.
    public let key: [KeyColumn]
    /// The columns besides whose changes count; nil for all.
    public let watched: [String]?
    /// The channel that is notified.
    public let channel: String

    /// Takes what was read.
    public init(name: TableName, members: [TableName], key: [KeyColumn], watched: [String]?, channel: String) {
        self.name = name
        self.members = members
        self.key = key
        self.watched = watched
        self.channel = channel
    }
}

/// What the database says about itself that triggers depend on.
public struct TriggerSite: Sendable, Equatable {
    /// The instance's name: triggers of other instances are none of ours.
    public let service: String
    /// The most bytes of a notification's payload.
    public let payloadBytes: Int
    /// The time zone of the session, in which times are spelled.
    public let timeZone: String

    /// Takes the server's block size, by which it limits payloads; the daemon reads none above 7,999 bytes.
    public init(service: String, blockSize: Int, timeZone: String) {
        self.service = service
        payloadBytes = min(7_999, max(256, blockSize) - 193)
        self.timeZone = timeZone
    }

    /// The comment of every function that was made for this instance, by which it is found again.
    public var mark: String { "rekindle triggers: service \(service)" }
}
