// swift-tools-version: 6.2

import PackageDescription

let package = Package(
  name: "benchmarks",
  platforms: [.macOS(.v26)],
  dependencies: [.package(name: "wireproof", path: "..")],
  targets: [
    .target(name: "CDecode", cSettings: [.unsafeFlags(["-O2"])]),
    .executableTarget(
      name: "decode-benchmark", dependencies: ["CDecode", .product(name: "WireproofCore", package: "wireproof")],
      swiftSettings: [.treatAllWarnings(as: .error)]),
  ],
  swiftLanguageModes: [.v6]
)
