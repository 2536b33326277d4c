// swift-tools-version: 6.2

import PackageDescription

/// A program for libFuzzer, which brings the function main.
func fuzzer(_ name: String, _ targets: String) -> Target {
  .executableTarget(
    name: name, dependencies: [.product(name: targets, package: "wireproof")],
    swiftSettings: [.treatAllWarnings(as: .error), .unsafeFlags(["-parse-as-library"])])
}

// The targets themselves are modules of the root, whose `package` declarations they use, and are only there for this package.
let package = Package(
  name: "fuzzing",
  platforms: [.macOS(.v26)],
  dependencies: [.package(name: "wireproof", path: "..")],
  // Two, since everything that reads files of verdicts stands on a hundred thousand lines of others.
  targets: [fuzzer("fuzz-wire", "FuzzWire"), fuzzer("fuzz-files", "FuzzFiles")],
  swiftLanguageModes: [.v6]
)
