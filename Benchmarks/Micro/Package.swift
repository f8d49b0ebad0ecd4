// swift-tools-version: 6.2
import PackageDescription

let language: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .treatAllWarnings(as: .error),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("InternalImportsByDefault"),
]

let package = Package(
    name: "micro",
    dependencies: [
        .package(name: "rekindle", path: "../.."),
        // Without its traits: they count allocations and retains by libraries that take their place.
        .package(url: "https://github.com/ordo-one/benchmark", from: "1.38.1", traits: []),
    ],
    targets: [
        // The plugin finds targets in a folder `Benchmarks` only.
        .executableTarget(
            name: "HotPath",
            dependencies: [
                .product(name: "RekindleModules", package: "rekindle"),
                .product(name: "Benchmark", package: "benchmark"),
            ],
            path: "Benchmarks/HotPath",
            swiftSettings: language,
            plugins: [.plugin(name: "BenchmarkPlugin", package: "benchmark")])
    ],
    cxxLanguageStandard: .cxx17
)
