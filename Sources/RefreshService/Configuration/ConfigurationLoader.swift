extension Configuration {
    /// Reads a configuration file and what it includes, and checks all of it.
    ///
    /// Blocks on the file system. `environment` is where `CREDENTIALS_DIRECTORY` is looked up. Throws every fault of
    /// every file at once.
    public static func load(
        path: String, environment: [String: String] = [:]
    ) throws(ConfigurationError) -> Configuration {
        let faults = FaultList()
        return try decode(SourceReader.tree(path: path, faults: faults), environment, faults)
    }

    /// Checks a text as if it were the content of a file of that name; includes and SQL files are looked up beside it.
    public static func load(
        text: String, file: String, environment: [String: String] = [:]
    ) throws(ConfigurationError) -> Configuration {
        let faults = FaultList()
        return try decode(SourceReader.tree(text: text, file: file, faults: faults), environment, faults)
    }

    private static func decode(
        _ tree: SourceTree, _ environment: [String: String], _ faults: FaultList
    ) throws(ConfigurationError) -> Configuration {
        let credentials = Credentials(environment: environment)
        let service = Service(tree.reader(.service, faults: faults))
        let postgres = Postgres(tree.reader(.postgres, faults: faults), credentials: credentials)
        let redis = Redis(tree.reader(.redis, faults: faults), credentials: credentials)
        let health = Health(tree.reader(.health, faults: faults))
        let sampler = Sampler(tree.reader(.sampler, faults: faults))
        let decoder = RegistryDecoder(tree, faults: faults)
        LockDecoder.check(decoder.regions, statementTimeout: postgres.statementTimeout, faults: faults)
        let tableDecoder = TrackedTableDecoder(channels: decoder.channels)
        let tables = tree.declared(.tables, faults: faults, tableDecoder.table)

        guard faults.faults.isEmpty else {
            throw ConfigurationError(faults: faults.faults.sorted(), warnings: faults.warnings.sorted())
        }
        return Configuration(
            service: service, postgres: postgres, redis: redis, health: health, sampler: sampler,
            tables: tables.compactMap(\.value), registry: decoder.registry, warnings: faults.warnings.sorted())
    }
}
