import Glibc

/// The way into a machine: its namespaces and its root, held open.
///
/// By its process id the way would be shorter, but once the machine is gone that number may come to mean a process of
/// this machine, and what tests do inside must never be done outside.
final class MachineEntrance: Sendable {
    private let namespaces: [(option: String, descriptor: Int32)]
    private let root: Int32

    /// Opens what a process has, which must have become the machine's systemd.
    init(of process: pid_t) throws {
        let kinds = [
            ("mount", "mnt"), ("pid", "pid"), ("uts", "uts"), ("ipc", "ipc"), ("net", "net"), ("cgroup", "cgroup"),
        ]
        namespaces = kinds.map { ($0, open("/proc/\(process)/ns/\($1)", O_RDONLY | O_CLOEXEC)) }
        root = open("/proc/\(process)/root", O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard root >= 0, namespaces.allSatisfy({ $0.descriptor >= 0 }) else {
            throw Trouble("The machine's namespaces can not be opened: errno \(errno).")
        }
        var (inside, outside) = (stat(), stat())
        guard fstat(namespaces[0].descriptor, &inside) == 0, stat("/proc/self/ns/mnt", &outside) == 0,
            inside.st_ino != outside.st_ino
        else { throw Trouble("The process \(process) is not of another machine.") }
    }

    deinit { for descriptor in namespaces.map(\.descriptor) + [root] where descriptor >= 0 { close(descriptor) } }

    /// What brings the command behind it into the machine.
    var command: [String] {
        ["nsenter"] + namespaces.map { "--\($0.option)=/proc/\(getpid())/fd/\($0.descriptor)" } + ["--"]
    }

    /// The path of one of its files, for this process only.
    func path(_ path: String) -> String { "/proc/self/fd/\(root)\(path)" }
}
