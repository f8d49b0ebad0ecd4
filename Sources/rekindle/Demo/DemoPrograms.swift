import Glibc

/// The system's programs that the demonstration runs.
struct DemoPrograms: Sendable {
    let initdb: String
    let postgres: String
    let redis: String
    /// What stands before Postgres' commands; empty unless this is root.
    let asServerUser: [String]
    /// Who Postgres' folder belongs to, when this is root.
    let account: Account?

    /// A user and group by number.
    struct Account: Sendable {
        let user: uid_t
        let group: gid_t
    }

    /// Looks for them in Debian's and Red Hat's places, newest first, and in PATH.
    static func find(path: String) throws(DemoError) -> DemoPrograms {
        let folders = path.split(separator: ":").map { String($0) }
        let versions = glob("/usr/lib/postgresql/*/bin") + glob("/usr/pgsql-*/bin")
        let newest = versions.sorted { version($0) > version($1) }
        let home = (newest + folders).first { isProgram($0 + "/initdb") && isProgram($0 + "/postgres") }
        guard let home else { throw .programMissing("Postgres server", package: "postgresql") }
        guard let redis = folders.map({ $0 + "/redis-server" }).first(where: isProgram)
        else { throw .programMissing("redis-server", package: "redis-server") }

        var prefix: [String] = []
        var account: Account?
        if geteuid() == 0 {
            let setpriv = (folders + ["/usr/bin"]).map { $0 + "/setpriv" }.first(where: isProgram)
            guard let setpriv, let entry = unsafe getpwnam("postgres") else { throw .noAccount }
            let found = unsafe Account(user: entry.pointee.pw_uid, group: entry.pointee.pw_gid)
            prefix = [setpriv, "--reuid=\(found.user)", "--regid=\(found.group)", "--clear-groups", "--"]
            account = found
        }
        return DemoPrograms(
            initdb: home + "/initdb", postgres: home + "/postgres", redis: redis, asServerUser: prefix,
            account: account)
    }

    private static func isProgram(_ path: String) -> Bool { unsafe access(path, X_OK) == 0 }

    /// The first number in a path, such as 15 of `/usr/lib/postgresql/15/bin`.
    private static func version(_ path: String) -> Int {
        Int(path.drop { !$0.isNumber }.prefix { $0.isNumber }) ?? 0
    }

    private static func glob(_ pattern: String) -> [String] {
        var found = unsafe glob_t()
        defer { unsafe globfree(&found) }
        guard unsafe Glibc.glob(pattern, 0, nil, &found) == 0 else { return [] }
        return (0..<Int(unsafe found.gl_pathc)).compactMap { index in
            unsafe found.gl_pathv?[index].map { unsafe String(cString: $0) }
        }
    }
}
