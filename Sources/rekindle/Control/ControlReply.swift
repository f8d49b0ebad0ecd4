import ArgumentParser
import Glibc
import RefreshService

/// The daemon's answer to something that it was to do.
struct ControlReply {
    private let reply: HealthReply
    private let document: JSONDocument?

    init(_ reply: HealthReply) {
        self.reply = reply
        document = JSONDocument(reply.body)
    }

    /// Whether it is done.
    var isDone: Bool { reply.status == 200 }

    /// How long it took, in seconds with three places.
    var seconds: String { document?["seconds"].flatMap { Double($0) }.map { Self.threePlaces($0) } ?? "?" }

    /// Prints what happened, and ends the program accordingly: 1 when something failed, 64 for a request that the
    /// daemon does not understand, 69 when it can not do anything now.
    func finish(asJSON: Bool, _ done: String) throws {
        if asJSON, document != nil {
            standardOutput(String(decoding: reply.body, as: UTF8.self))
        } else if isDone {
            standardOutput(done)
        } else if let code {
            try explain(failingWith: code)
        }
        if let code { throw ExitCode(code) }
    }

    /// Says what is wrong, and ends the program.
    func explain(failingWith code: Int32) throws {
        let lines = reply.status == 502 ? failures : []
        for line in lines { standardError("rekindle: \(line)") }
        if lines.isEmpty { standardError("rekindle: \(String(decoding: reply.body, as: UTF8.self).trimmed)") }
        throw ExitCode(code)
    }

    /// What the program ends with; nil when it is done.
    var code: Int32? {
        switch reply.status {
        case 200: nil
        case 400, 404: EX_USAGE
        case 503: EX_UNAVAILABLE
        default: 1
        }
    }

    private var failures: [String] {
        guard let document else { return [] }
        var lines: [String] = []
        document.forEach("failed") { place in
            lines.append("key \(document["\(place).key"] ?? "?"): \(document["\(place).error"] ?? "")")
        }
        document.forEach("failing") { place in
            let reason = document["\(place).error"] ?? "see `rekindle status`"
            lines.append("region \(document["\(place).region"] ?? "?") is not as its queries say: \(reason)")
        }
        return lines
    }

    private static func threePlaces(_ seconds: Double) -> String {
        let thousandths = Int((seconds * 1_000).rounded())
        let part = String(thousandths % 1_000)
        return "\(thousandths / 1_000).\(String(repeating: "0", count: 3 - part.count))\(part)"
    }
}

extension String {
    fileprivate var trimmed: String { hasSuffix("\n") ? String(dropLast()) : self }
}

/// The query part of a request's target.
struct TargetQuery {
    private(set) var text = ""

    /// Appends a parameter.
    mutating func append(_ name: String, _ value: String) {
        text += text.isEmpty ? "?" : "&"
        text += "\(PercentText.encoded(name.utf8))=\(PercentText.encoded(value.utf8))"
    }

    /// Whether another parameter would make a longer target than the server takes.
    var isFull: Bool { text.utf8.count > 6_000 }
}
