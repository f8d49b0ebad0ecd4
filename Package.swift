// swift-tools-version: 6.2
import PackageDescription

let language: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .treatAllWarnings(as: .error),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("InternalImportsByDefault"),
]
let shipped = language + [.strictMemorySafety()]

let package = Package(
    name: "rekindle",
    targets: [
        .systemLibrary(name: "CPostgres", pkgConfig: "libpq", providers: [.apt(["libpq-dev"])]),
        .systemLibrary(name: "CHiredis", providers: [.apt(["libhiredis-dev"])]),
        .systemLibrary(name: "CSystemdEvent", pkgConfig: "libsystemd", providers: [.apt(["libsystemd-dev"])]),

        .target(name: "RefreshCore", swiftSettings: shipped),
        .target(name: "Reactor", dependencies: ["CSystemdEvent"], swiftSettings: shipped),

        .testTarget(name: "RefreshCoreTests", dependencies: ["RefreshCore"], swiftSettings: language),
        .testTarget(name: "ReactorTests", dependencies: ["Reactor"], swiftSettings: language),
    ]
)
