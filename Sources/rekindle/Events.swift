import ArgumentParser
import Glibc
import RefreshCore
import RefreshService

/// `rekindle events`: follows what a running daemon hears, a line an event.
struct Events: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Follows events, a line each.",
        discussion: """
            Prints id, channel and payload of each event, divided by tabs, with ends of lines and control characters \
            spelled out; with --json one object a line. Without --channel or --stream all configured channels are followed. \
            When the daemon restarts it connects again and goes on behind the last event; an event `rekindle:gap` says that \
            some may have been missed. Ends with 0 when --count events have come, with 1 when there is nothing of that name, \
            and with 69 (EX_UNAVAILABLE) when no daemon answers at first.
            """)

    enum Moment: String, CaseIterable, ExpressibleByArgument {
        case receive, refresh
    }

    @OptionGroup var file: ConfigurationFile

    @Option(help: "The daemon's socket; otherwise the configuration names it.")
    var socket: String?

    @Option(help: "A Postgres channel; may be given several times.")
    var channel: [String] = []

    @Option(help: "A Redis stream that a route of the configuration writes.")
    var stream: String?

    @Option(
        help: "Tell of an event as it arrives (receive), or once what it refreshes is stored (refresh, the default).")
    var after: Moment?

    @Option(help: "Go on behind the event of this id.")
    var since: String?

    @Flag(help: "Print JSON.")
    var json = false

    @Option(help: "End after so many events.")
    var count: Int?

    func validate() throws {
        if stream != nil, !channel.isEmpty { throw ValidationError("--stream and --channel exclude each other.") }
        if stream != nil, after != nil {
            throw ValidationError("--after goes with channels: a stream holds what was sent.")
        }
        if let count, count < 1 { throw ValidationError("--count must be at least 1.") }
    }

    func run() throws {
        let client = HealthClient(path: file.socket(socket))
        var last = since
        var left = count
        var hasFollowed = false
        while true {
            let answer: HealthClient.FollowAnswer
            do throws(HealthError) {
                answer = try client.follow(target, after: last)
            } catch {
                guard hasFollowed, error != .targetUnusable else { throw failure("\(error)", EX_UNAVAILABLE) }
                sleep(1)
                continue
            }
            switch answer {
            case .refused(let reply):
                let isBusy = reply.status == 503
                guard hasFollowed, isBusy else {
                    throw failure(String(decoding: reply.body, as: UTF8.self), isBusy ? EX_UNAVAILABLE : 1)
                }
                sleep(1)
            case .events(let events):
                if hasFollowed { standardError("rekindle: following again") }
                hasFollowed = true
                let why = show(events, &left)
                if left == 0 { return }
                last = events.lastID.isEmpty ? last : events.lastID
                standardError("rekindle: \(why); connecting again")
            }
        }
    }

    /// Prints events until there is no more to print; tells why the stream ended.
    private func show(_ events: EventStream, _ left: inout Int?) -> String {
        do throws(HealthError) {
            while left != 0, let event = try events.next() {
                standardOutput(json ? Self.object(event) : Self.line(event))
                if !event.isAboutEvents { left = left.map { $0 - 1 } }
            }
            return "the daemon has ended the stream"
        } catch {
            return "\(error)"
        }
    }

    private func failure(_ text: String, _ code: Int32) -> ExitCode {
        standardError("rekindle: \(text.hasSuffix("\n") ? String(text.dropLast()) : text)")
        return ExitCode(code)
    }

    private var target: String {
        var parts = channel.map { "channel=\(Self.encoded($0))" }
        if let stream { parts.append("stream=\(Self.encoded(stream))") }
        if let after { parts.append("after=\(after.rawValue)") }
        return "/events?" + parts.joined(separator: "&")
    }

    private static func encoded(_ text: String) -> String {
        text.utf8.map { byte in
            let isPlain = (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte)
            return isPlain ? String(UnicodeScalar(byte)) : "%" + (byte < 16 ? "0" : "") + String(byte, radix: 16)
        }.joined()
    }

    private static func line(_ event: FollowedEvent) -> String {
        "\(event.id)\t\(visible(event.name))\t\(visible(event.data))"
    }

    private static func object(_ event: FollowedEvent) -> String {
        let bytes = JSONText.text { json in
            json.object { json in
                json.member("id", event.id)
                json.member("event", event.name)
                json.member("data", event.data)
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// A payload can hold anything, also what a terminal obeys.
    private static func visible(_ text: String) -> String {
        var visible = ""
        for scalar in text.unicodeScalars {
            switch scalar.value {
            case 0x09: visible += "\\t"
            case 0x0A: visible += "\\n"
            case 0..<0x20, 0x7F..<0xA0:
                visible += "\\x" + (scalar.value < 16 ? "0" : "") + String(scalar.value, radix: 16)
            default: visible.unicodeScalars.append(scalar)
            }
        }
        return visible
    }
}
