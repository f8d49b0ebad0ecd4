// swift-tools-version: 6.2
import PackageDescription

let language: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .treatAllWarnings(as: .error),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("InternalImportsByDefault"),
]

// One program a target; `make fuzz` builds them with the flags that make libFuzzer see what they do.
func fuzzer(_ name: String, _ dependencies: [Target.Dependency] = []) -> Target {
    .executableTarget(
        name: name,
        dependencies: ["FuzzSupport", .product(name: "RekindleModules", package: "rekindle")] + dependencies,
        swiftSettings: language)
}

let package = Package(
    name: "fuzzing",
    dependencies: [
        .package(name: "rekindle", path: ".."),
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
    ],
    targets: [
        .systemLibrary(name: "CLibFuzzer"),
        .target(name: "FuzzSupport", dependencies: ["CLibFuzzer"], swiftSettings: language),
        fuzzer("PayloadRouter"),
        fuzzer("SQLLexer"),
        fuzzer("KeyTemplates"),
        fuzzer("Configuration"),
        fuzzer(
            "HTTPRequests",
            [
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOEmbedded", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
            ]),
        fuzzer("RESPReplies"),
    ],
    cxxLanguageStandard: .cxx17
)
