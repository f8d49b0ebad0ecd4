import Glibc
import Synchronization
import TestServers
import Testing

/// A machine that systemd was booted on: a PID 1 of its own, over copies-on-write of this machine's files.
///
/// A keeper process (`keep.sh`) holds it and removes all of it when the other end of its standard input closes, which
/// the kernel does when the tests end, however they end.
final class BootedMachine: Sendable {
    /// The id of its first process, as this machine counts.
    let first: pid_t
    /// The folder that it was assembled in.
    let folder: String
    /// The cgroup that all of it is in.
    let cgroup: String
    /// The process that holds it.
    let keeper: pid_t
    private let entrance: MachineEntrance
    private let hold: Int32
    private let isLetGo = Atomic(false)
    private let isRemoved = Atomic(false)

    /// Boots a machine from an image, and returns when systemd says that it is up, after about 0.3 s.
    init(_ image: (MachineImage) throws -> Void = { _ in }) throws {
        guard let systemd = MachineNeeds.systemd, let cgroups = MachineNeeds.cgroups,
            let scratch = ScratchFolder("rekindle-machine"), let name = scratch.path.split(separator: "/").last
        else { throw Trouble("No scratch folder, no systemd or no cgroup2.") }
        Self.removeAbandoned(in: cgroups)
        folder = scratch.path
        cgroup = "\(cgroups)/\(name)"
        try image(MachineImage(in: folder))
        var ends: [Int32] = [0, 0]
        guard Child.pipe(&ends) else { throw Trouble("No pipe: errno \(errno).") }
        hold = ends[0]
        let log = open("\(folder)/console", O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o600)
        // In a session of its own it does not hear what a terminal sends to the tests.
        let keeper = Child.start(
            ["setsid", "bash", "\(Paths.scripts)/keep.sh", folder, cgroup]
                + ["bash", "\(Paths.scripts)/assemble.sh", folder, systemd], input: ends[1], output: log)
        close(log)
        close(ends[1])
        guard let keeper else { throw Trouble("setsid can not be started.") }
        self.keeper = keeper
        do {
            first = try Self.firstProcess(in: folder)
            entrance = try MachineEntrance(of: first)
        } catch {
            close(hold)
            _ = Child.wait(for: keeper)
            throw error
        }
        try eventually(log: { trouble }) {
            self("systemctl", "is-system-running").output
        } where: {
            $0.hasPrefix("running") || $0.hasPrefix("degraded")
        }
    }

    /// Waits until systemd runs in the place of the script that assembled the machine; before that, the files and
    /// sockets that one would find are still those of this machine.
    private static func firstProcess(in folder: String) throws -> pid_t {
        try eventually(log: { Files.read("\(folder)/console") }) { () -> pid_t? in
            guard let id = Files.read("\(folder)/init").split(separator: "\n").first.flatMap({ pid_t($0) }) else {
                return nil
            }
            return Files.read("/proc/\(id)/comm") == "systemd\n" ? id : nil
        } where: {
            $0 != nil
        } ?? 0
    }

    deinit { remove() }

    /// What it has said, and what its systemd says, for a test that fails.
    private var trouble: String {
        Files.read("\(folder)/console") + self("systemctl", "list-jobs").output
            + self("journalctl", "-b", "--no-pager", "-n", "50").output
    }

    /// The path of one of its files, for this process only.
    func path(_ path: String) -> String { entrance.path(path) }

    /// Runs a program in it as root, for at most a minute.
    func callAsFunction(_ words: String...) -> ProgramResult { run(words) }

    /// Runs a program in it as root, for at most a minute.
    func run(_ words: [String]) -> ProgramResult {
        let (code, output) = Child.run(inside(words))
        return ProgramResult(words: words, code: code, output: output)
    }

    /// Starts a program in it as root and does not wait for it.
    func start(_ words: String...) throws -> BackgroundProgram { try BackgroundProgram(words, inside(words)) }

    private func inside(_ words: [String]) -> [String] {
        entrance.command
            + ["env", "-i", "PATH=/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL=C.UTF-8", "SYSTEMD_PAGER="]
            + ["timeout", "60"] + words
    }

    /// Tells systemd to power off, and waits until its last process is gone.
    func powerOff() throws {
        kill(first, powerOffSignal)
        try eventually {
            kill(first, 0)
        } where: {
            $0 != 0
        }
    }

    /// Ends it at once and waits until nothing of it is left.
    func remove() {
        if isRemoved.exchange(true, ordering: .relaxed) { return }
        letGo()
        _ = Child.wait(for: keeper)
        // Left only by a keeper that was killed.
        _ = Child.run(["rm", "-rf", "--", folder])
        Self.removeAbandoned(in: MachineNeeds.cgroups ?? "")
    }

    /// Closes the end that keeps it alive, as the kernel does when the tests are killed.
    func letGo() {
        if !isLetGo.exchange(true, ordering: .relaxed) { close(hold) }
    }

    /// Removes the cgroups of runs that were killed together with their keeper; those in use can not be removed.
    private static func removeAbandoned(in cgroups: String) {
        for name in folderEntries(cgroups)
        where name.hasPrefix("rekindle-machine-") && access("/tmp/\(name)", F_OK) != 0 {
            _ = Child.run(["find", "\(cgroups)/\(name)", "-depth", "-type", "d", "-exec", "rmdir", "{}", "+"])
        }
    }
}

/// What tells PID 1 to power off at once; glibc's SIGRTMIN is not visible from Swift.
private let powerOffSignal: Int32 = 34 + 14
