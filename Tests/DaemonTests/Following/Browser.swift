import Glibc
import RefreshService
import TestDaemon
import TestServers

/// Headless Chromium, driven by the WebDriver protocol through chromedriver and curl.
final class Browser {
    /// Why there is no browser on this machine, as a sentence; nil when there is one.
    static let missing: String? = {
        let files = ["/usr/bin/chromium", "/usr/bin/chromedriver", "/usr/bin/curl", "/usr/bin/python3"]
        return files.first { access($0, X_OK) != 0 }.map {
            "There is no \($0): install Debian's chromium, chromium-driver, curl and python3."
        }
    }()

    private let driver: Program
    private let folder: ScratchFolder
    private let address: String
    private var session = ""

    init() throws {
        guard let folder = ScratchFolder("rekindle-browser") else { throw Trouble("No scratch folder.") }
        self.folder = folder
        let log = "\(folder.path)/log"
        // The browser keeps its files below HOME and TMPDIR, so that they go with the folder.
        var environment = Environment.current
        environment["HOME"] = folder.path
        environment["TMPDIR"] = folder.path
        driver = try Program(["chromedriver", "--port=0"], .init(environment: environment, output: log, error: log))
        let port = try eventually(within: .seconds(20), log: { Files.read(log) }) {
            Files.read(log).firstMatch(of: #/successfully on port ([0-9]+)/#).map { String($0.1) }
        } where: {
            $0 != nil
        }
        address = "http://127.0.0.1:\(port ?? "")"
        // By a pipe the browser ends with its driver; and the machine's own root may run it.
        let arguments = [
            "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--remote-debugging-pipe",
        ]
        let made = try call("POST", "/session") { json in
            json.object("capabilities") { json in
                json.object("alwaysMatch") { json in
                    json.object("goog:chromeOptions") { json in
                        json.member("binary", "/usr/bin/chromium")
                        json.array("args") { json in for argument in arguments { json.element(argument) } }
                    }
                }
            }
        }
        guard let session = made["value.sessionId"] else { throw Trouble("No browser: \(made)") }
        self.session = session
    }

    deinit {
        if !session.isEmpty { _ = try? call("DELETE", "/session/\(session)") }
        driver.kill()
        folder.remove()
    }

    /// Opens a page.
    func open(_ url: String) throws {
        let answer = try call("POST", "/session/\(session)/url") { $0.member("url", url) }
        if answer["value.error"] != nil { throw Trouble("\(url): \(answer)") }
    }

    /// The value of a script's `return` statement.
    func run(_ script: String) throws -> String? {
        let answer = try call("POST", "/session/\(session)/execute/sync") { json in
            json.member("script", script)
            json.array("args") { _ in }
        }
        if answer["value.error"] != nil { throw Trouble("\(script): \(answer)") }
        return answer["value"]
    }

    private func call(_ method: String, _ path: String, _ body: ((inout JSONText) -> Void)? = nil) throws -> Document {
        var arguments = ["curl", "-sS", "--max-time", "30", "-X", method, address + path]
        if let body {
            let text = JSONText.text { $0.object(body) }
            try Files.write(String(decoding: text, as: UTF8.self), to: "\(folder.path)/request")
            arguments += ["-H", "Content-Type: application/json", "--data-binary", "@\(folder.path)/request"]
        }
        let answer = try Command.run(arguments, within: .seconds(40))
        guard answer.exit == .code(0) else { throw Trouble("\(path): \(answer.error)") }
        return try Document(answer.output)
    }
}
