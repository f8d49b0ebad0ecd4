/// The SQL of a whole run, to be carried out as one transaction.
public enum TriggerScript {
    /// What a session begins with. Who writes waits for a table at most ten seconds, for all its writers wait behind.
    public static func begin(writes: Bool) -> String {
        let mode = writes ? "READ WRITE" : "READ ONLY"
        return """
            BEGIN TRANSACTION \(mode);
            SET LOCAL client_min_messages = warning;
            SET LOCAL lock_timeout = '10s';
            """
    }

    /// The script that makes everything, whatever is there, with comments that say of what.
    public static func text(_ comparison: TriggerComparison, of tables: [TriggerTable], at site: TriggerSite) -> String
    {
        var lines = [SQLSpelling.comment("Triggers that tell Rekindle, service \(site.service), of changed rows.")]
        for table in tables {
            let key = table.key.map { "\($0.name) (\($0.type.isEmpty ? "a type of its own" : $0.type))" }
            let below = table.members.count > 1 ? ", and \(table.members.count - 1) tables below it" : ""
            let watched = table.watched.map { ", when \($0.joined(separator: ", ")) or the key changes" } ?? ""
            lines.append(
                SQLSpelling.comment(
                    "\(table.name)\(below): \(key.joined(separator: ", ")) to channel \(table.channel)\(watched)"))
        }
        return (lines + [begin(writes: true), comparison.script, "COMMIT;"]).filter { !$0.isEmpty }
            .joined(separator: "\n")
    }
}
