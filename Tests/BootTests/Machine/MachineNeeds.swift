import Glibc
import TestServers
import Testing

/// What this machine must have so that another systemd can be booted on it.
enum MachineNeeds {
    /// systemd's own program.
    static let systemd: String? = ["/usr/lib/systemd/systemd", "/lib/systemd/systemd"].first { (path: String) in
        access(path, X_OK) == 0
    }

    /// Where cgroups of version 2 are mounted.
    static let cgroups: String? = {
        for line in Files.read("/proc/mounts").split(separator: "\n") {
            let fields = line.split(separator: " ")
            if fields.count > 2, fields[2] == "cgroup2" { return String(fields[1]) }
        }
        return nil
    }()

    /// Why no machine can be booted here, as a sentence; nil when one can.
    static let missing: String? = {
        guard geteuid() == 0 else { return "Booting systemd needs root." }
        guard let systemd else { return "There is no systemd on this machine." }
        guard let cgroups, access(cgroups, W_OK) == 0 else { return "No cgroup2 is mounted for writing." }
        let files = [
            "/usr/bin/nsenter", "/usr/bin/unshare", "/usr/bin/setpriv", "/usr/bin/curl", "/usr/bin/redis-cli",
            "/usr/bin/pg_createcluster", "/usr/sbin/ip", "/usr/lib/systemd/system/redis-server.service",
            "/usr/lib/systemd/system/postgresql@.service",
        ]
        if let path = files.first(where: { access($0, F_OK) != 0 }) {
            return "There is no \(path): the tests boot Debian's own units of Postgres and Redis."
        }
        let trial = Child.run([
            "unshare", "--mount", "--propagation", "private", "--pid", "--fork", "--uts", "--ipc", "--net", "--cgroup",
            "sh", "-c",
            """
            mount -t tmpfs tmpfs /mnt && mkdir /mnt/changes /mnt/work /mnt/root &&
            mount -t overlay -o lowerdir=/,upperdir=/mnt/changes,workdir=/mnt/work overlay /mnt/root &&
            test -x /mnt/root\(systemd)
            """,
        ])
        return trial.code == 0 ? nil : "Namespaces or overlays can not be made: \(trial.output)"
    }()
}

extension Trait where Self == ConditionTrait {
    /// Skips, aloud, where no machine can be booted.
    static var needsMachine: Self {
        .disabled(if: MachineNeeds.missing != nil, "\(MachineNeeds.missing ?? "")")
    }
}
