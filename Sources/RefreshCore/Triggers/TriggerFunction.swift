/// The function that the triggers of one table call, as it is to be or as it was found.
public struct TriggerFunction: Sendable, Equatable {
    /// A setting that is in force while the function runs.
    public struct Setting: Sendable, Equatable {
        /// The parameter's name as the server spells it.
        public let name: String
        /// Its value.
        public let value: String

        /// Takes both as they are.
        public init(name: String, value: String) {
            self.name = name
            self.value = value
        }

        /// As `pg_proc.proconfig` has it.
        public var text: String { "\(name)=\(value)" }
    }

    /// Its name, with its schema.
    public let name: TableName
    /// What it does, in PL/pgSQL.
    public let body: String
    /// The settings that it runs with, each `name=value`.
    public let settings: [String]
    /// Its comment.
    public let comment: String

    /// Takes all as it is.
    public init(name: TableName, body: String, settings: [String], comment: String) {
        self.name = name
        self.body = body
        self.settings = settings
        self.comment = comment
    }

    /// Compares bytes, as the server would.
    public static func == (left: Self, right: Self) -> Bool {
        left.name == right.name && left.body.utf8.elementsEqual(right.body.utf8) && left.settings == right.settings
            && left.comment == right.comment
    }

    /// The function of a table.
    ///
    /// It runs with the rights of who writes: it needs none.
    public init(_ table: TriggerTable, at site: TriggerSite) {
        var settings = [Setting(name: "search_path", value: "pg_catalog, pg_temp")]
        for setting in table.key.flatMap({ $0.settings(timeZone: site.timeZone) }) where !settings.contains(setting) {
            settings.append(setting)
        }
        self.init(
            name: TriggerNames.function(of: table.name, service: site.service),
            body: TriggerBody(table, payloadBytes: site.payloadBytes).text, settings: settings.map(\.text),
            comment: site.mark)
    }

    /// The statements that make it, in place of one of its name.
    var create: String {
        let settings = settings.map { setting -> String in
            let parts = setting.split(separator: "=", maxSplits: 1).map(String.init)
            // The search path is a list of names, every other setting one text.
            let value = parts[0] == "search_path" ? parts[1] : SQLSpelling.literal(parts[1])
            return "SET \(parts[0]) = \(value)"
        }
        return """
            CREATE OR REPLACE FUNCTION \(name.sql)() RETURNS trigger LANGUAGE plpgsql
                \(settings.joined(separator: " ")) AS \(SQLSpelling.dollarQuoted(body));
            COMMENT ON FUNCTION \(name.sql)() IS \(SQLSpelling.literal(comment));
            """
    }

    /// The statement that removes it with its triggers; who owns the function may, whoever owns the tables.
    var drop: String { "DROP FUNCTION \(name.sql)() CASCADE;" }
}

/// The names of what is made: at most 63 bytes, the same each time, and none that another instance makes.
enum TriggerNames {
    static func function(of table: TableName, service: String) -> TableName {
        var hash: UInt32 = 0x811C_9DC5
        for byte in [service, table.schema ?? "", table.name].joined(separator: "\0").utf8 {
            hash = (hash ^ UInt32(byte)) &* 0x0100_0193
        }
        let digits = String(hash, radix: 16)
        let suffix = "_" + String(repeating: "0", count: 8 - digits.count) + digits
        return TableName(schema: table.schema, name: "rekindle_" + cut(table.name) + suffix)
    }

    static func trigger(_ event: TriggerEvent, of function: TableName) -> String {
        "\(function.name)_\(event.rawValue)"
    }

    /// What is left for the table's name, in letters that need no thought.
    private static func cut(_ name: String) -> String {
        let most = 63 - "rekindle_".utf8.count - "_01234567".utf8.count - "_truncate".utf8.count
        var result = ""
        for scalar in name.unicodeScalars {
            let plain = scalar.isASCII && !scalar.properties.isAlphabetic && !("0"..."9").contains(scalar)
            let letter = plain ? "_" : String(scalar).lowercased()
            if result.utf8.count + letter.utf8.count > most { break }
            result += letter
        }
        return result
    }
}
