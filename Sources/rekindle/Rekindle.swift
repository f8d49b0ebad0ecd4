import ArgumentParser
import RefreshService

/// The command line.
@main
struct Rekindle: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "rekindle",
        abstract: "Keeps Redis caches right by Postgres notifications.",
        discussion: """
            Rekindle LISTENs on Postgres channels, re-runs registered queries when a notification names one of their \
            keys, and writes the results into Redis, behind a fence that no stale write gets past.

            Begin with `rekindle demo`, which needs nothing but the two servers' packages, or with a configuration \
            file and `rekindle check`.
            """,
        version: Version.text,
        subcommands: [
            Serve.self, Check.self, Triggers.self, Status.self, Sync.self, Refresh.self, Invalidate.self, Warm.self,
            Get.self, Events.self, DemoCommand.self,
        ])
}
