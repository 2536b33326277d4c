// swift-tools-version: 6.2

import PackageDescription

let settings: [SwiftSetting] = [
  .treatAllWarnings(as: .error),
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("InternalImportsByDefault"),
  .enableUpcomingFeature("MemberImportVisibility"),
]

let argumentParser: Target.Dependency = .product(name: "ArgumentParser", package: "swift-argument-parser")
let crypto: Target.Dependency = .product(name: "Crypto", package: "swift-crypto")
let subprocess: Target.Dependency = .product(name: "Subprocess", package: "swift-subprocess")

/// A layer of the design and its test target. Dependencies point down only; `Scripts/check-imports.py` holds the imports
/// of each target against its allow-list.
func layer(_ name: String, _ dependencies: [Target.Dependency], settings more: [SwiftSetting] = []) -> [Target] {
  [
    .target(name: name, dependencies: dependencies, swiftSettings: settings + more),
    .testTarget(
      name: "\(name)Tests", dependencies: [.init(stringLiteral: name)] + dependencies,
      exclude: name == "Conformance" ? ["Adapters"] : [], swiftSettings: settings),
  ]
}

let codecs: [Target.Dependency] = ["FrameCodec", "WebSocketCodec", "Deflate", "Negotiation", "Conversation"]

let package = Package(
  name: "wireproof",
  platforms: [.macOS(.v26)],
  products: [
    .executable(name: "wireproof", targets: ["wireproof"]),
    .library(
      name: "WireproofCore",
      targets: [
        "Specification", "FrameCodec", "WebSocketCodec", "Deflate", "Negotiation", "Conversation", "CaptureFile",
      ]),
  ],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
    .package(url: "https://github.com/apple/swift-crypto", from: "4.5.2"),
    .package(url: "https://github.com/swiftlang/swift-subprocess", from: "1.0.2", traits: []),
  ],
  targets: [
    .systemLibrary(
      name: "CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"]), .yum(["zlib-devel"]), .brew(["zlib"])]),
    .systemLibrary(
      name: "CPcap", pkgConfig: "libpcap",
      providers: [.apt(["libpcap-dev"]), .yum(["libpcap-devel"]), .brew(["libpcap"])]),
  ]
    + layer("Specification", [])
    + layer("FrameCodec", ["Specification"])
    + layer("WebSocketCodec", ["Specification"])
    + layer("Deflate", ["CZlib", "Specification"])
    + layer("Negotiation", ["Deflate", "Specification"])
    + layer("Conversation", ["FrameCodec", "Specification"])
    + layer("CaptureFile", ["CZlib", "Specification"])
    // The optimiser takes minutes over the generators' long lists, and nothing here is hot.
    + layer(
      "GoldenVectors", ["Specification"], settings: [.unsafeFlags(["-Onone"], .when(configuration: .release))])
    + layer("PacketCapture", ["CPcap", "CaptureFile", "Specification"])
    + layer("WireInspector", codecs + ["CaptureFile", "PacketCapture", "Specification"])
    + layer("Conformance", codecs + ["GoldenVectors", "Specification", crypto, subprocess])
    + [
      .executableTarget(
        name: "wireproof",
        dependencies: ["Conformance", "GoldenVectors", "Specification", "WireInspector", argumentParser],
        swiftSettings: settings),
      .testTarget(name: "wireproofTests", dependencies: ["wireproof"], swiftSettings: settings),
    ],
  swiftLanguageModes: [.v6]
)
