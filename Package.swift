// swift-tools-version: 6.2

import PackageDescription

let settings: [SwiftSetting] = [
  .treatAllWarnings(as: .error),
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("InternalImportsByDefault"),
  .enableUpcomingFeature("MemberImportVisibility"),
]

let argumentParser: Target.Dependency = .product(name: "ArgumentParser", package: "swift-argument-parser")
let serviceLifecycle: Target.Dependency = .product(name: "ServiceLifecycle", package: "swift-service-lifecycle")
let signals: Target.Dependency = .product(name: "UnixSignals", package: "swift-service-lifecycle")
let subprocess: Target.Dependency = .product(name: "Subprocess", package: "swift-subprocess")
let histogram: Target.Dependency = .product(name: "Histogram", package: "hdrhistogram-swift")
let logging: Target.Dependency = .product(name: "Logging", package: "swift-log")
let metrics: Target.Dependency = .product(name: "Metrics", package: "swift-metrics")
let nio: [Target.Dependency] = [
  .product(name: "NIOConcurrencyHelpers", package: "swift-nio"), .product(name: "NIOCore", package: "swift-nio"),
  .product(name: "NIOPosix", package: "swift-nio"), .product(name: "NIOTLS", package: "swift-nio"),
]
let nioSSL: Target.Dependency = .product(name: "NIOSSL", package: "swift-nio-ssl")
let nioWebSocket: [Target.Dependency] = [
  .product(name: "NIOHTTP1", package: "swift-nio"), .product(name: "NIOWebSocket", package: "swift-nio"),
]
let protobuf: Target.Dependency = .product(name: "SwiftProtobuf", package: "swift-protobuf")

/// What lies in the folders of tests and is no code of theirs.
let unbuilt = ["Conformance": ["Adapters", "Servers"], "Examples": ["Fixtures"]]

/// A layer of the design and its test target. Dependencies point down only; `Scripts/check-imports.py` holds the imports
/// of each target against its allow-list.
func layer(
  _ name: String, _ dependencies: [Target.Dependency], tests: [Target.Dependency] = []
) -> [Target] {
  [
    .target(name: name, dependencies: dependencies, swiftSettings: settings),
    .testTarget(
      name: "\(name)Tests", dependencies: [.init(stringLiteral: name)] + dependencies + tests,
      exclude: unbuilt[name] ?? [], swiftSettings: settings),
  ]
}

let codecs: [Target.Dependency] = ["FrameCodec", "WebSocketCodec", "Deflate", "Negotiation", "Conversation"]

let package = Package(
  name: "wireproof",
  platforms: [.macOS(.v26)],
  products: [
    .executable(name: "wireproof", targets: ["wireproof"]),
    .library(name: "WireproofCore", targets: ["WireproofCore"]),
    .library(name: "WireproofPeer", targets: ["WireproofPeer"]),
    .library(name: "WireproofUpgrade", targets: ["WireproofUpgrade"]),
    .library(name: "WireproofService", targets: ["WireproofService"]),
    .library(name: "WireproofMetrics", targets: ["WireproofMetrics"]),
    .library(name: "WireproofTesting", targets: ["WireproofTesting"]),
  ],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
    .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
    .package(url: "https://github.com/apple/swift-metrics", from: "2.13.0"),
    .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
    .package(url: "https://github.com/apple/swift-nio-ssl", from: "2.37.6"),
    // Without traits: they bring Foundation, which is larger than everything else here.
    .package(url: "https://github.com/apple/swift-protobuf", from: "1.39.0", traits: []),
    .package(url: "https://github.com/HdrHistogram/hdrhistogram-swift", from: "0.2.0"),
    .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
    .package(url: "https://github.com/swiftlang/swift-subprocess", from: "1.0.2", traits: []),
  ],
  targets: [
    .systemLibrary(
      name: "CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"]), .yum(["zlib-devel"]), .brew(["zlib"])]),
    .systemLibrary(
      name: "CLibYAML", pkgConfig: "yaml-0.1",
      providers: [.apt(["libyaml-dev"]), .yum(["libyaml-devel"]), .brew(["libyaml"])]),
    // Without pkgConfig, which would link the library: PacketCapture loads it.
    .systemLibrary(
      name: "CPcap",
      providers: [.apt(["libpcap-dev"]), .yum(["libpcap-devel"]), .brew(["libpcap"])]),
    .systemLibrary(
      name: "CCrypto", pkgConfig: "libcrypto",
      providers: [.apt(["libssl-dev"]), .yum(["openssl-devel"]), .brew(["openssl@3"])]),
    // Not a system library: the only C here, for instructions that Swift cannot ask for at run time.
    .target(name: "CByteLoops"),
  ]
    + layer("Specification", [])
    + layer("SystemFiles", [])
    + layer("FrameCodec", ["Specification"])
    + layer("WebSocketCodec", ["Specification"])
    + layer("Deflate", ["CZlib", "Specification"])
    + layer("Negotiation", ["Deflate", "Specification"])
    + layer("Conversation", ["FrameCodec", "Specification"])
    + layer("CaptureFile", ["CZlib", "Specification"])
    + layer("SystemCrypto", ["CCrypto"])
    + layer("TLSRecords", ["SystemCrypto"])
    + layer("StrictJSON", ["Specification", "SystemFiles"])
    + layer(
      "GoldenVectors", ["Specification", "StrictJSON", "SystemCrypto", "SystemFiles"], tests: ["VectorGeneration"])
    + layer("PacketCapture", ["CByteLoops", "CPcap", "CaptureFile", "Specification"])
    + layer(
      "WireInspector",
      codecs + [
        "CByteLoops", "CaptureFile", "PacketCapture", "Specification", "SystemCrypto", "SystemFiles", "TLSRecords",
        histogram,
      ])
    + layer(
      "ReferencePeer",
      codecs + nio + ["CaptureFile", "Specification", histogram, logging, nioSSL],
      tests: nioWebSocket + ["TypedMessages", protobuf])
    + layer(
      "Conformance",
      codecs + nio
        + [
          "CaptureFile", "GoldenVectors", "ReferencePeer", "Specification", "StrictJSON", "SystemCrypto", "SystemFiles",
          "CLibYAML", subprocess,
        ])
    + layer(
      "ComplianceReport",
      [
        "Conformance", "FrameCodec", "GoldenVectors", "Specification", "StrictJSON", "SystemCrypto", "SystemFiles",
        "WebSocketCodec",
      ])
    + layer(
      "Console",
      nio + [
        "CaptureFile", "FrameCodec", "GoldenVectors", "Negotiation", "ReferencePeer", "Specification", "StrictJSON",
        "SystemFiles", "WebSocketCodec", "WireInspector", logging, .product(name: "NIOHTTP1", package: "swift-nio"),
      ])
    + layer(
      "WireproofTesting", ["Conformance", "FrameCodec", "Specification"], tests: ["WireproofPeer"])
    + layer(
      "Examples",
      nio + nioWebSocket + [
        "WireproofMetrics", "WireproofPeer", "WireproofService", "WireproofUpgrade", metrics, protobuf,
        serviceLifecycle, signals,
      ])
    + [
      // Apart from the peers, so that the executable holds no protobuf runtime, which it does not use.
      .target(
        name: "TypedMessages", dependencies: nio + ["ReferencePeer", logging, protobuf], swiftSettings: settings),
      // What programs import: one module each, named like its product, and nothing that they do not ask for.
      .target(name: "WireproofCore", dependencies: codecs + ["CaptureFile", "Specification"], swiftSettings: settings),
      .target(
        name: "WireproofPeer",
        dependencies: [
          "Conversation", "Deflate", "FrameCodec", "Negotiation", "ReferencePeer", "Specification", "TypedMessages",
        ],
        swiftSettings: settings),
      .target(
        name: "WireproofUpgrade", dependencies: nio + nioWebSocket + ["Negotiation", "ReferencePeer"],
        swiftSettings: settings),
      .target(
        name: "WireproofService", dependencies: nio + ["ReferencePeer", serviceLifecycle], swiftSettings: settings),
      .target(name: "WireproofMetrics", dependencies: ["ReferencePeer", metrics], swiftSettings: settings),
      .executableTarget(
        name: "wireproof",
        dependencies: codecs + nio + [
          "CaptureFile", "ComplianceReport", "Conformance", "Console", "GoldenVectors", "ReferencePeer",
          "Specification",
          "StrictJSON", "SystemFiles", "WireInspector",
          argumentParser, logging, nioSSL,
        ],
        swiftSettings: settings),
      // What makes the vectors is a tool of the checkout; nothing that is released has it.
      .target(
        name: "VectorGeneration", dependencies: ["GoldenVectors", "Specification", "StrictJSON"],
        swiftSettings: settings),
      .executableTarget(
        name: "generate-vectors", dependencies: ["GoldenVectors", "StrictJSON", "VectorGeneration", argumentParser],
        swiftSettings: settings),
      .testTarget(name: "wireproofTests", dependencies: ["wireproof"], swiftSettings: settings),
    ],
  swiftLanguageModes: [.v6]
)

// The targets of the package Fuzzing, which alone asks for them: they take apart what is no product.
if Context.environment["WIREPROOF_FUZZING"] != nil {
  func fuzzed(_ name: String, _ folder: String, _ dependencies: [Target.Dependency]) -> Target {
    .target(name: name, dependencies: dependencies, path: "Fuzzing/Targets/\(folder)", swiftSettings: settings)
  }
  package.targets += [
    fuzzed("FuzzHarness", "Harness", []),
    fuzzed(
      "FuzzWire", "Wire", codecs + ["CaptureFile", "FuzzHarness", "PacketCapture", "Specification", "WireInspector"]),
    fuzzed(
      "FuzzFiles", "Files",
      [
        "ComplianceReport", "Conformance", "FuzzHarness", "GoldenVectors", "Specification", "StrictJSON",
        "SystemCrypto",
      ]),
  ]
  package.products += [
    .library(name: "FuzzWire", targets: ["FuzzWire"]), .library(name: "FuzzFiles", targets: ["FuzzFiles"]),
  ]
}

// What writes the documentation, which alone asks for it: who builds the package needs no plugin.
if Context.environment["WIREPROOF_DOCUMENTATION"] != nil {
  package.dependencies.append(.package(url: "https://github.com/swiftlang/swift-docc-plugin", from: "1.5.0"))
}
