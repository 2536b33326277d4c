// swift-tools-version: 6.2
import PackageDescription

let package = Package(
  name: "server",
  platforms: [.macOS(.v26)],
  dependencies: [
    // The URL under which you have wireproof's repository, or .package(path: "…") for a working copy.
    .package(url: "https://git.example.com/you/wireproof.git", from: "0.1.0"),
    .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
  ],
  targets: [
    .executableTarget(
      name: "server",
      dependencies: [
        .product(name: "WireproofPeer", package: "wireproof"),
        .product(name: "NIOCore", package: "swift-nio"),
      ])
  ]
)
