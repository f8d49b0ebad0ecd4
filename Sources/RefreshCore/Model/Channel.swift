/// How the payload of a channel is read.
public enum PayloadFormat: String, Sendable, CaseIterable {
    case json, text, csv
}

/// One event of a channel refreshes one key of a query.
public struct RefreshRule: Sendable, Equatable {
    /// The query whose key is refreshed.
    public let query: QueryName
    /// Where each parameter of the query is found in the payload, in the order of the query's parameters.
    public let sources: [ParameterSource]

    /// Makes a rule of its parts.
    public init(query: QueryName, sources: [ParameterSource]) {
        self.query = query
        self.sources = sources
    }
}

/// One event of a channel deletes one key of a region, or all of them.
public struct InvalidateRule: Sendable, Equatable {
    /// The region that is concerned.
    public let region: RegionName
    /// The key without the region's prefix; nil means every key of the region.
    public let key: KeyTemplate?
    /// Where each name of the template is found in the payload, in the order of `key.names`.
    public let sources: [ParameterSource]

    /// Makes a rule of its parts.
    public init(region: RegionName, key: KeyTemplate?, sources: [ParameterSource]) {
        self.region = region
        self.key = key
        self.sources = sources
    }
}

/// A Postgres channel, and what its notifications cause.
public struct Channel: Sendable, Equatable {
    /// What Postgres calls it.
    public let name: ChannelName
    /// How its payloads are read.
    public let payload: PayloadFormat
    /// The keys that an event refreshes.
    public let refresh: [RefreshRule]
    /// The keys and regions that an event deletes.
    public let invalidate: [InvalidateRule]
    /// The messages that an event sends.
    public let publish: [Route]
    /// Whether what an event refreshes changes together: read in one snapshot, written by one call.
    public let together: Bool

    /// Makes a channel of its parts.
    public init(
        name: ChannelName, payload: PayloadFormat, refresh: [RefreshRule], invalidate: [InvalidateRule],
        publish: [Route], together: Bool = false
    ) {
        self.name = name
        self.payload = payload
        self.refresh = refresh
        self.invalidate = invalidate
        self.publish = publish
        self.together = together
    }
}
