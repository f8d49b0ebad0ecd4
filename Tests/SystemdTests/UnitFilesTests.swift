import Foundation
import Testing

private let analyze = "/usr/bin/systemd-analyze"

/// Checks the units with systemd's own tools, on machines that have them.
@Suite(.enabled(if: FileManager.default.isExecutableFile(atPath: analyze)))
struct UnitFilesTests {
    private static let units = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().appending(path: "systemd").path

    /// The score is ten times the exposure that systemd-analyze prints; what is worse than it fails.
    @Test(arguments: ["rekindle.service", "rekindle@.service"])
    func exposureStaysLow(unit: String) throws {
        let (status, output) = try run(["security", "--offline=true", "--no-pager", "--threshold=13", unit])
        #expect(status == 0, "\(output)")
    }

    @Test(arguments: ["rekindle.service", "rekindle.socket", "rekindle@shop.service"])
    func everyLineIsUnderstood(unit: String) throws {
        let (_, output) = try run(["verify", "--man=no", unit])
        // The program itself is not installed where tests run.
        let complaints = output.split(separator: "\n").filter { !$0.contains("/usr/bin/rekindle is not executable") }
        #expect(complaints == [])
    }

    @Test func bothServicesAgree() throws {
        let plain = try settings(of: "rekindle.service")
        let instance = try settings(of: "rekindle@.service")
        let differing = Set(plain.symmetricDifference(instance).map { String($0.prefix { $0 != "=" }) })
        let named: Set = ["Description", "ExecStart", "LoadCredential"]
        #expect(differing == named.union(["RuntimeDirectory", "RuntimeDirectoryPreserve"]))
    }

    private func settings(of unit: String) throws -> Set<String> {
        let text = try String(contentsOfFile: "\(Self.units)/\(unit)", encoding: .utf8)
        return Set(text.split(separator: "\n").map(String.init).filter { !$0.hasPrefix("#") })
    }

    private func run(_ arguments: [String]) throws -> (status: Int32, output: String) {
        let process = Process()
        let output = Pipe()
        process.executableURL = URL(filePath: analyze)
        process.arguments = arguments.map { $0.hasPrefix("rekindle") ? "\(Self.units)/\($0)" : $0 }
        process.environment = ["SYSTEMD_UNIT_PATH": Self.units + ":", "PATH": "/usr/bin:/bin"]
        process.standardOutput = output
        process.standardError = output
        try process.run()
        let bytes = try output.fileHandleForReading.readToEnd() ?? Data()
        process.waitUntilExit()
        return (process.terminationStatus, String(decoding: bytes, as: UTF8.self))
    }
}
