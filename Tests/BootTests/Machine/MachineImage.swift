import TestServers

/// What distinguishes a booted machine from the one that it runs on: files that are laid over its root, and folders
/// that begin empty there.
struct MachineImage {
    /// Folders whose content stays outside: what this machine was set up for is nothing to the tests.
    static let emptyFolders = [
        "/etc/systemd/system", "/etc/rekindle", "/etc/redis", "/etc/postgresql", "/var/lib/postgresql",
        "/var/lib/redis", "/var/log/postgresql", "/var/log/redis",
    ]

    private let folder: String

    /// Begins an image in the folder that a machine is assembled from.
    init(in folder: String) throws {
        self.folder = folder
        try Files.write(Self.emptyFolders.joined(separator: "\n") + "\n", to: "\(folder)/empty")
        try describeMachine()
        try keepOutOfTheWay()
    }

    /// Lays the project's files out as `make install` does, the binary being the one built beside the tests.
    func install() throws {
        let files = [
            ("0755", Paths.rekindle, "/usr/bin/rekindle"),
            ("0644", source("systemd/rekindle.service"), "/usr/lib/systemd/system/rekindle.service"),
            ("0644", source("systemd/rekindle@.service"), "/usr/lib/systemd/system/rekindle@.service"),
            ("0644", source("systemd/rekindle.socket"), "/usr/lib/systemd/system/rekindle.socket"),
            ("0644", source("systemd/rekindle.sysusers"), "/usr/lib/sysusers.d/rekindle.conf"),
            ("0640", source("etc/rekindle/rekindle.toml"), "/etc/rekindle/rekindle.toml"),
        ]
        for (mode, from, to) in files { try copy(from, to: to, mode: mode) }
        for library in try foreignLibraries() {
            try copy(library, to: "/usr/lib/\(library.split(separator: "/").last ?? "")", mode: "0644")
        }
    }

    /// Where the toolchain's libraries lie that a debug build needs; a home folder is hidden from the service.
    private func foreignLibraries() throws -> [String] {
        try run(["ldd", Paths.rekindle]).split(separator: "\n").compactMap { line in
            guard let arrow = line.firstRange(of: " => /") else { return nil }
            let path = line[line.index(before: arrow.upperBound)...].prefix { $0 != " " }
            return path.hasPrefix("/usr/") || path.hasPrefix("/lib") ? nil : String(path)
        }
    }

    /// Writes a file.
    func write(_ text: String, to path: String) throws { try Files.write(text, to: target(path)) }

    /// A machine of its own, which mounts nothing and writes its journal to memory.
    private func describeMachine() throws {
        try write("", to: "/etc/fstab")
        try write("rekindle-test\n", to: "/etc/hostname")
        var random = SystemRandomNumberGenerator()
        let digits = (0..<32).map { _ in String(Int.random(in: 1...15, using: &random), radix: 16) }
        try write(digits.joined() + "\n", to: "/etc/machine-id")
        try write(
            """
            [Journal]
            Storage=volatile
            ReadKMsg=no
            Audit=no
            ForwardToSyslog=no
            RateLimitIntervalSec=0

            """, to: "/etc/systemd/journald.conf.d/test.conf")
    }

    /// Masks what the distribution starts at boot, but for the journal, and what makes units of this machine's devices.
    private func keepOutOfTheWay() throws {
        let units = "/usr/lib/systemd/system"
        for wants in folderEntries(units) where wants.hasSuffix(".target.wants") {
            for unit in folderEntries("\(units)/\(wants)")
            where !unit.hasSuffix(".target") && !Self.journal.contains(unit) {
                try mask("/etc/systemd/system/\(unit)")
            }
        }
        for generator in folderEntries("/usr/lib/systemd/system-generators") where generator != "postgresql-generator" {
            try mask("/etc/systemd/system-generators/\(generator)")
        }
    }

    private static let journal: Set = [
        "systemd-journald.service", "systemd-journald.socket", "systemd-journald-dev-log.socket",
    ]

    private func mask(_ path: String) throws { try Files.link(target(path), to: "/dev/null") }

    private func source(_ path: String) -> String { "\(Paths.repository)/\(path)" }
    private func target(_ path: String) -> String { "\(folder)/image\(path)" }

    private func copy(_ source: String, to path: String, mode: String) throws {
        _ = try run(["install", "-D", "-m", mode, source, target(path)])
    }

    private func run(_ arguments: [String]) throws -> String {
        let (code, output) = Child.run(arguments)
        guard code == 0 else { throw Trouble("\(arguments): \(output)") }
        return output
    }
}
