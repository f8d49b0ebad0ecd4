// swift-tools-version: 6.2
import PackageDescription

let language: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .treatAllWarnings(as: .error),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("InternalImportsByDefault"),
]
// Debug builds can turn off what a guarantee rests on, for tests that must notice it: see RefreshCore/Sabotage.
let sabotage = SwiftSetting.define("SABOTAGE", .when(configuration: .debug))
// Exclusive access is proven by the compiler or checked as the program runs: by all debug builds, and so by all tests.
let unchecked = SwiftSetting.unsafeFlags(["-enforce-exclusivity=unchecked"], .when(configuration: .release))
let shipped = language + [.strictMemorySafety(), sabotage, unchecked]

let logging = Target.Dependency.product(name: "Logging", package: "swift-log")

let package = Package(
    name: "rekindle",
    products: [
        .executable(name: "rekindle", targets: ["rekindle"]),
        // For the fuzz targets, which are a package of their own.
        .library(name: "RekindleModules", targets: ["RefreshCore", "Redis", "RefreshService"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-collections", from: "1.6.0"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
    ],
    targets: [
        // C libraries, each imported by one Swift module and never re-exported.
        .systemLibrary(name: "CPostgres", pkgConfig: "libpq", providers: [.apt(["libpq-dev"])]),
        .systemLibrary(name: "CHiredis", providers: [.apt(["libhiredis-dev"])]),
        .systemLibrary(name: "CSystemd", pkgConfig: "libsystemd", providers: [.apt(["libsystemd-dev"])]),
        .systemLibrary(name: "CSystemdEvent", pkgConfig: "libsystemd", providers: [.apt(["libsystemd-dev"])]),
        .target(name: "CParsers", linkerSettings: [.linkedLibrary("simdjson")]),
        .target(name: "CMemory"),

        // Arrows run down only; `make lint` checks them.
        .target(
            name: "RefreshCore", dependencies: [.product(name: "BasicContainers", package: "swift-collections")],
            swiftSettings: shipped),
        .target(name: "Reactor", dependencies: ["CSystemdEvent"], swiftSettings: shipped),
        .target(name: "Postgres", dependencies: ["Reactor", "CPostgres"], swiftSettings: shipped),
        .target(name: "Redis", dependencies: ["Reactor", "CHiredis"], swiftSettings: shipped),
        .target(name: "Systemd", dependencies: ["CSystemd", logging], swiftSettings: shipped),
        .target(
            name: "RefreshService",
            dependencies: [
                "RefreshCore", "Reactor", "Postgres", "Redis", "Systemd", "CParsers", "CMemory", logging,
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
            ],
            swiftSettings: shipped),
        .executableTarget(
            name: "rekindle",
            dependencies: [
                "RefreshService", "Reactor", "Postgres", "Redis", "RefreshCore", "Systemd", logging,
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ],
            swiftSettings: shipped),

        // What tests share: the loop on a thread of its own, and real servers in scratch folders.
        .target(name: "TestSupport", dependencies: ["Reactor"], path: "Tests/TestSupport", swiftSettings: language),
        .target(name: "TestServers", path: "Tests/TestServers", swiftSettings: language),
        // The built daemon as a process, on a database and a Redis of its own.
        .target(
            name: "TestDaemon", dependencies: ["RefreshService", "TestServers"], path: "Tests/TestDaemon",
            swiftSettings: language),

        // The core, driven by simulated servers on a virtual clock; `simulate` runs many seeds.
        .target(
            name: "Simulation", dependencies: ["RefreshCore"], path: "Tests/Simulation",
            swiftSettings: language + [sabotage]),
        .executableTarget(
            name: "simulate", dependencies: ["Simulation", "RefreshCore"], path: "Tests/Simulate",
            swiftSettings: language),

        .testTarget(
            name: "RefreshCoreTests", dependencies: ["RefreshCore", "Simulation", "TestServers"],
            swiftSettings: language + [sabotage]),
        .testTarget(name: "ReactorTests", dependencies: ["Reactor", "TestSupport"], swiftSettings: language),
        .testTarget(
            name: "PostgresTests", dependencies: ["Postgres", "Reactor", "TestSupport", "TestServers"],
            swiftSettings: language),
        .testTarget(
            name: "RedisTests", dependencies: ["Redis", "Reactor", "TestSupport", "TestServers"],
            swiftSettings: language),
        .testTarget(name: "SystemdTests", dependencies: ["Systemd", logging], swiftSettings: language),
        .testTarget(name: "DemoTests", dependencies: ["rekindle", "TestServers"], swiftSettings: language),
        .testTarget(name: "CParsersTests", dependencies: ["CParsers"], swiftSettings: language),
        .testTarget(
            name: "RefreshServiceTests",
            dependencies: ["RefreshService", "RefreshCore", "Redis", "Reactor", "TestServers", "TestSupport"],
            swiftSettings: language),
        // Tests of the built binary as a process; `swift build --build-tests` builds it beside them.
        .testTarget(
            name: "DaemonTests", dependencies: ["RefreshService", "TestDaemon", "TestServers"],
            swiftSettings: language),
        // Readers in other languages beside the built daemon, and each release of dogpile.cache that is supported.
        .testTarget(
            name: "ReaderTests", dependencies: ["RefreshCore", "RefreshService", "TestDaemon", "TestServers"],
            exclude: ["Python"], swiftSettings: language),
        // `make torture`: real servers and the built daemon under a seeded schedule of faults, judged from outside.
        .executableTarget(
            name: "torture",
            dependencies: [
                "TestDaemon", "TestServers", "RefreshService",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ],
            path: "Tests/Torture", swiftSettings: language),
        .testTarget(
            name: "TortureTests", dependencies: ["torture", "TestDaemon", "TestServers"], swiftSettings: language),
        // The built binary and the shipped units under a systemd that the tests boot; needs root.
        .testTarget(
            name: "BootTests", dependencies: ["rekindle", "RefreshService", "TestServers"],
            exclude: ["Machine/keep.sh", "Machine/assemble.sh"], swiftSettings: language),
        // Reads the manual and the sources.
        .testTarget(name: "DocsTests", dependencies: ["RefreshService", "TestServers"], swiftSettings: language),
    ],
    cxxLanguageStandard: .cxx17
)
