import Glibc
import TestServers

/// Rekindle as a user installs it on a machine that has Debian's Postgres and Redis: the steps of docs/operations.md.
///
/// One machine serves all tests, one after the other; each begins with `shared()`, which puts it in order again.
final class Installation: Sendable {
    let machine: BootedMachine

    private static let booted = Result { () throws -> Installation in
        let installation = try Installation()
        Installation.removeAtExit()
        return installation
    }

    private static func removeAtExit() {
        atexit { if let installation = try? Installation.booted.get() { installation.machine.remove() } }
    }

    /// The machine, with both servers up and the socket there, the daemon stopped, its configuration that of the shop
    /// and Redis empty.
    static func shared() throws -> Installation {
        let installation = try booted.get()
        try installation.putInOrder()
        return installation
    }

    private init() throws {
        machine = try BootedMachine { image in
            try image.install()
            try image.write(Self.redisConfiguration(), to: "/etc/redis/redis.conf")
        }
        try installServers()
        _ = try machine("systemd-sysusers").get()
        _ = try machine("chgrp", "rekindle", "/etc/rekindle/rekindle.toml").get()
        try dropIn(Shop.dropIn)
        _ = try machine("systemctl", "enable", "--now", "rekindle.socket").get()
        try postgres("CREATE DATABASE shop")
        try postgres(Shop.schema, database: "shop")
    }

    /// Redis by its Unix socket, for members of its group.
    static func redisConfiguration(_ more: String = "") -> String {
        """
        port 0
        unixsocket \(redisSocket)
        unixsocketperm 770
        dir /var/lib/redis
        logfile /var/log/redis/redis-server.log
        save ""
        \(more)

        """
    }

    /// A fresh cluster by Debian's own tools, and both servers by Debian's own units.
    private func installServers() throws {
        let versions = folderEntries("/usr/lib/postgresql").compactMap { Int($0) }
        guard let version = versions.max() else { throw Trouble("No Postgres server is installed.") }
        for (owner, folder) in [
            ("postgres", "/etc/postgresql"), ("postgres", "/var/lib/postgresql"), ("postgres", "/var/log/postgresql"),
            ("redis", "/var/lib/redis"), ("redis", "/var/log/redis"),
        ] { _ = try machine("chown", "\(owner):\(owner)", folder).get() }
        _ = try machine("pg_createcluster", "\(version)", "main", "--start-conf=auto", "--", "--no-sync").get()
        _ = try machine("systemctl", "daemon-reload").get()
        _ = try machine("systemctl", "start", "postgresql", "redis-server").get()
    }

    private func putInOrder() throws {
        _ = machine("systemctl", "stop", "rekindle.socket", "rekindle.service")
        _ = machine("systemctl", "reset-failed")
        try configure(Shop.configuration)
        try dropIn(Shop.dropIn)
        _ = try machine("systemctl", "start", "systemd-journald.socket", "systemd-journald").get()
        _ = try machine("systemctl", "start", "postgresql", "redis-server").get()
        try configureRedis()
        _ = try redis("FLUSHALL")
        _ = try postgres("TRUNCATE items; \(Shop.rows)", database: "shop")
        _ = try machine("systemctl", "start", "rekindle.socket").get()
    }

    /// Restarts Redis with further lines of configuration, unless it runs with them already.
    func configureRedis(_ more: String = "") throws {
        let path = machine.path("/etc/redis/redis.conf")
        if Files.read(path) == Self.redisConfiguration(more) { return }
        try Files.write(Self.redisConfiguration(more), to: path)
        _ = try machine("systemctl", "restart", "redis-server").get()
    }

    /// Puts the file with the shop's settings in place, beside the sample configuration that includes it.
    func configure(_ text: String) throws { try Files.write(text, to: machine.path("/etc/rekindle/conf.d/shop.toml")) }

    /// Puts the drop-in in place that `systemctl edit rekindle.service` would write.
    func dropIn(_ text: String) throws {
        let path = machine.path("/etc/systemd/system/rekindle.service.d/override.conf")
        if Files.read(path) == text { return }
        try Files.write(text, to: path)
        _ = try machine("systemctl", "daemon-reload").get()
    }

    /// Runs SQL as the superuser; gives rows, their cells divided by `|`.
    @discardableResult
    func postgres(_ text: String, database: String = "postgres") throws -> String {
        try machine(
            "setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups", "psql", "-XqAt", "-v",
            "ON_ERROR_STOP=1", "-d", database, "-c", text
        ).get()
    }

    /// The values of all items' keys.
    func values() throws -> [String] {
        let keys = (1...Shop.items).map { "items:\($0)" }
        let answer = try machine.run(["redis-cli", "-s", Self.redisSocket, "MGET"] + keys).get()
        return answer.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    }

    private static let redisSocket = "/run/redis/redis-server.sock"

    /// Runs redis-cli.
    @discardableResult
    func redis(_ words: String...) throws -> String {
        try machine.run(["redis-cli", "-s", Self.redisSocket] + words).get()
    }
}
