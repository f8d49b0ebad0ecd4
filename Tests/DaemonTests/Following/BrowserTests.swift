import Glibc
import TestDaemon
import TestServers
import Testing

/// docs/examples/push in a browser: the page, its configuration, and a daemon that is killed meanwhile.
@Suite("A page follows in a browser")
struct BrowserTests {
    private static let example: String = {
        let here = #filePath.split(separator: "/", omittingEmptySubsequences: false)
        return here.dropLast(4).joined(separator: "/") + "/docs/examples/push"
    }()

    /// A file server of the example's page, with the place of the events changed to that of the daemon.
    private final class Pages {
        let port: String
        private let server: Program

        init(_ site: Site, events: UInt16) throws {
            let folder = "\(site.folder)/pages"
            mkdir(folder, 0o755)
            let page = Files.read("\(BrowserTests.example)/index.html")
            guard page.contains("//localhost:9187/") else { throw Trouble("The page has another place of events.") }
            try Files.write(
                page.replacing("//localhost:9187/", with: "//localhost:\(events)/"), to: "\(folder)/index.html")
            let log = "\(site.folder)/pages.log"
            server = try Program(
                ["python3", "-u", "-m", "http.server", "--bind", "127.0.0.1", "--directory", folder, "0"],
                .init(output: log, error: log))
            port =
                try eventually(log: { Files.read(log) }) {
                    Files.read(log).firstMatch(of: #/port ([0-9]+)/#).map { String($0.1) }
                } where: {
                    $0 != nil
                } ?? ""
        }

        deinit { server.kill() }
    }

    /// What the example's configuration has besides servers and addresses.
    private static func channels() -> String {
        let text = Files.read("\(example)/rekindle.toml")
        return text.firstRange(of: "[channels.").map { String(text[$0.lowerBound...]) } ?? ""
    }

    @Test("squares take the colours that are notified, also after the daemon was killed")
    func squares() throws {
        if let missing = Browser.missing { return print("skipped: \(missing)") }
        let site = try Site()
        let events = try TCPPort.free()
        let pages = try Pages(site, events: events)
        var configuration = DaemonConfiguration(Self.channels())
        configuration.health = """
            listen = "127.0.0.1:\(events)"
            allow_origin = "http://localhost:\(pages.port)"
            """
        let first = try site.daemon(configuration)
        let browser = try Browser()
        try browser.open("http://localhost:\(pages.port)/")
        func squares() throws -> String? {
            try browser.run(
                "return [...document.querySelectorAll('#squares div')].map(x => getComputedStyle(x).backgroundColor).join()"
            )
        }
        func state() throws -> String? { try browser.run("return document.getElementById('state').textContent") }
        try first.eventually("following") { try state() }
        try site.sql("NOTIFY data, 'red'")
        try first.eventually("rgb(255, 0, 0)") { try squares() }
        try site.sql("NOTIFY data, 'no colour'; NOTIFY data, '<b onclick=x>'; NOTIFY data, 'rebeccapurple'")
        try first.eventually("rgb(102, 51, 153),rgb(255, 0, 0)") { try squares() }

        first.kill()
        try eventually("connecting again") { try state() }
        let second = try site.daemon(configuration)
        // By itself, with the id of the last event: the new daemon says that it does not know it.
        try second.eventually("following; some may have been missed", within: .seconds(20)) { try state() }
        try site.sql("NOTIFY data, 'blue'")
        try second.eventually("rgb(0, 0, 255),rgb(102, 51, 153),rgb(255, 0, 0)") { try squares() }
        #expect(try second.metric("rekindle_followers") == 1)
        #expect(site.cli("PING") == "PONG", "\(second.log)")
    }

    @Test("a page of another origin than the allowed one hears nothing")
    func otherOrigin() throws {
        if let missing = Browser.missing { return print("skipped: \(missing)") }
        let site = try Site()
        let events = try TCPPort.free()
        let pages = try Pages(site, events: events)
        var configuration = DaemonConfiguration(Self.channels())
        configuration.health = """
            listen = "127.0.0.1:\(events)"
            allow_origin = "http://shop.example"
            """
        let daemon = try site.daemon(configuration)
        let browser = try Browser()
        try browser.open("http://localhost:\(pages.port)/")
        try daemon.eventually("connecting again") {
            try browser.run("return document.getElementById('state').textContent")
        }
        #expect(site.cli("PING") == "PONG", "\(daemon.log)")
    }

    @Test("the example's configuration is valid")
    func configuration() throws {
        let check = try Command.rekindle("check", "--config", "\(Self.example)/rekindle.toml")
        #expect(check.exit == .code(0), "\(check.error)")
        #expect(Self.channels().contains("[channels.data]"))
    }
}
