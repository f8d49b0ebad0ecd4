import RefreshService

/// The service, seen from inside the machine by systemd's own tools.
extension Installation {
    /// Starts the service and returns when systemd says that it is up.
    func start() throws { _ = try machine("systemctl", "start", "rekindle.service").get() }

    /// A property of a unit.
    func property(_ name: String, of unit: String = "rekindle.service") throws -> String {
        try machine("systemctl", "show", "-P", name, unit).get()
    }

    /// The main process of the service, as it is numbered inside.
    func mainProcess() throws -> String { try property("MainPID") }

    /// An answer of the health socket, by curl; its error when there is none.
    func health(_ target: String) -> String {
        machine(
            "curl", "-sS", "--max-time", "20", "--unix-socket", "/run/rekindle/rekindle.sock",
            "http://localhost\(target)"
        ).text
    }

    /// What the service has written to the journal since a cursor.
    ///
    /// journalctl is asked for all units: where the entry at the cursor is not of the unit that it is asked for,
    /// systemd 252 leaves the first one out that is.
    func journal(since cursor: String? = nil) throws -> [JournalEntry] {
        _ = machine("journalctl", "--sync")
        let words = ["journalctl", "-q", "-o", "json"] + (cursor.map { ["--after-cursor", $0] } ?? [])
        return try machine.run(words).get().split(separator: "\n").map { try JournalEntry(String($0)) }
            .filter { $0["_SYSTEMD_UNIT"] == "rekindle.service" }
    }

    /// Where the journal ends now.
    func cursor() throws -> String? {
        _ = machine("journalctl", "--sync")
        let text = try machine("journalctl", "-q", "-o", "json", "-n", "1").get()
        return try text.isEmpty ? nil : JournalEntry(text)["__CURSOR"]
    }
}

/// One entry of the journal, as `journalctl -o json` gives it.
struct JournalEntry: CustomStringConvertible {
    let description: String
    private let reader: JSONReader

    init(_ line: String) throws {
        let bytes = Array(line.utf8)
        guard let reader = JSONReader(longest: max(1, bytes.count)), bytes.withUnsafeBytes({ reader.open($0) }) else {
            throw Trouble("This is no JSON: \(line)")
        }
        self.reader = reader
        description = line
    }

    /// The value of a field.
    subscript(name: String) -> String? {
        reader.find(JSONPath([name])) { kind, text in kind == .string ? String(decoding: text, as: UTF8.self) : nil }
    }

    var message: String { self["MESSAGE"] ?? "" }
}
