// swift-tools-version: 6.2

import PackageDescription

let package = Package(
  name: "benchmarks",
  platforms: [.macOS(.v26)],
  dependencies: [
    .package(name: "wireproof", path: ".."), .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
  ],
  targets: [
    .target(name: "CDecode", cSettings: [.unsafeFlags(["-O2"])]),
    .executableTarget(
      name: "decode-benchmark", dependencies: ["CDecode", .product(name: "WireproofCore", package: "wireproof")],
      swiftSettings: [.treatAllWarnings(as: .error)]),
    .executableTarget(
      name: "peer-benchmark",
      dependencies: [
        .product(name: "WireproofPeer", package: "wireproof"), .product(name: "NIOCore", package: "swift-nio"),
        .product(name: "NIOPosix", package: "swift-nio"), .product(name: "NIOHTTP1", package: "swift-nio"),
        .product(name: "NIOConcurrencyHelpers", package: "swift-nio"),
        .product(name: "NIOWebSocket", package: "swift-nio"),
      ],
      swiftSettings: [.treatAllWarnings(as: .error)]),
  ],
  swiftLanguageModes: [.v6]
)
