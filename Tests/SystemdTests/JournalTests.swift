import Logging
import Testing

@testable import Systemd

@Suite struct JournalTests {
    private func logger(_ socket: JournalSocket) -> Logger {
        Logger(label: "rekindle") { _ in JournalLogHandler(identifier: "rekindle", socket: socket) }
    }

    @Test func sendsFields() throws {
        let journal = try DatagramSocket()
        var logger = logger(try #require(JournalSocket(path: journal.path)))
        logger[metadataKey: "region"] = "items"
        logger.warning(
            "gap\nclosed \u{1b}[31m",
            metadata: [
                "message_id": "f1e1d1c1-0000-4000-8000-0123456789AB", "keys-repaired": "12", "note": "a\nPRIORITY=0",
            ])
        #expect(
            journal.receive() == """
                MESSAGE=gap\\nclosed \\u{1b}[31m
                PRIORITY=4
                SYSLOG_IDENTIFIER=rekindle
                REKINDLE_KEYS_REPAIRED=12
                MESSAGE_ID=f1e1d1c10000400080000123456789ab
                REKINDLE_NOTE=a\\nPRIORITY=0
                REKINDLE_REGION=items

                """)
    }

    @Test func neverWaitsForAStuckJournal() throws {
        let journal = try DatagramSocket()
        let logger = logger(try #require(JournalSocket(path: journal.path)))
        // More than any queue of the kernel takes while nobody reads.
        for line in 0..<20_000 { logger.info("\(line)") }
        let kept = journal.receiveAll().count
        #expect(kept < 20_000)
        logger.info("after")
        #expect(journal.receive()?.contains("REKINDLE_DROPPED_LINES=\(20_000 - kept)\n") == true)
        logger.info("later")
        #expect(journal.receive()?.contains("DROPPED") == false)
    }

    @Test func theLargestEntryFitsOneDatagram() throws {
        let journal = try DatagramSocket()
        let logger = logger(try #require(JournalSocket(path: journal.path)))
        let large = String(repeating: "x", count: 100_000)
        let metadata = (0..<100).map { ("key\($0)", Logger.MetadataValue.string(large)) }
        logger.info("\(large)", metadata: Logger.Metadata(uniqueKeysWithValues: metadata))
        let entry = try #require(journal.receive())
        #expect(entry.utf8.count < 200_000)
        #expect(entry.split(separator: "\n").count == 3 + JournalEntry.fieldLimit)
    }

    @Test func isAbsentWithoutASocket() {
        #expect(JournalSocket(path: "/nonexistent/socket") == nil)
    }

    @Test(arguments: [
        ("region", "REKINDLE_REGION"), ("a.b-c d", "REKINDLE_A_B_C_D"), ("ä=\n", "REKINDLE____"), ("", "REKINDLE_"),
    ])
    func fieldNames(key: String, expected: String) {
        #expect(JournalEntry.fieldName(key) == expected)
        #expect(JournalEntry.fieldName(String(repeating: key + "x", count: 100)).utf8.count == 64)
    }

    @Test func aMessageIDIsHexOnly() {
        #expect(JournalEntry.messageID("0123456789abcdef0123456789ABCDEF") == "0123456789abcdef0123456789abcdef")
        #expect(JournalEntry.messageID("0123456789abcdef0123456789abcde") == nil)
        #expect(JournalEntry.messageID("0123456789abcdef0123456789abcdeg") == nil)
    }
}
