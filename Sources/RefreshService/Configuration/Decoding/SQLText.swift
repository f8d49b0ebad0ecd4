/// The SQL of a query: in place, or in a file of its own.
enum SQLText {
    /// Exactly one of `sql` and `sql_file`; nil is reported.
    static func text<Key: ConfigurationKey>(_ table: TableReader<Key>, _ sql: Key, file sqlFile: Key) -> String? {
        switch (table.has(sql), table.has(sqlFile)) {
        case (true, true):
            table.fault(sqlFile, "can not stand beside sql; keep one of them")
            return nil
        case (false, false):
            table.faults.fault(table.place, "\(table.title) needs the key \"sql\", or \"sql_file\"")
            return nil
        case (true, false): return table.name(sql)
        case (false, true): return table.name(sqlFile).flatMap { file($0, sqlFile, table) }
        }
    }

    private static func file<Key: ConfigurationKey>(
        _ name: String, _ key: Key, _ table: TableReader<Key>
    ) -> String? {
        let path = SourceFile.path(name, namedIn: table.place(of: key).file)
        do throws(Complaint) {
            let bytes = try SourceFile(path: path).bytes
            guard !bytes.contains(0), let text = String(validating: bytes, as: UTF8.self) else {
                throw Complaint("it is not UTF-8 text")
            }
            guard text.contains(where: { !$0.isWhitespace }) else { throw Complaint("it is empty") }
            return text
        } catch {
            table.fault(key, "\(path.quoted) can not be used: \(error.text)")
            return nil
        }
    }
}
