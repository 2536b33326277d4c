import ArgumentParser
import WireInspector

/// What is kept of the packets around violations and slow calls.
struct RingArguments: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Keep the packets around each violation of a rule and each slow call in this folder, a pcapng file each.",
      valueName: "folder"))
  var ring: String?

  @Option(
    help: ArgumentHelp(
      "With --ring: how much from before, as packets of the connection (100, the default) or time (500ms, 2s, 1min).",
      valueName: "span"))
  var ringBefore: RingSpan?

  @Option(help: ArgumentHelp("With --ring: how much of what comes after (default: 50 packets).", valueName: "span"))
  var ringAfter: RingSpan?

  @Option(
    help: ArgumentHelp("With --ring: calls that take longer are kept. Default: those of --slow.", valueName: "seconds"))
  var ringSlow: Double?

  @Option(
    help: ArgumentHelp(
      "With --ring: MiB of all files at most (default 256); the oldest make place.", valueName: "mb"))
  var ringSize: Int?

  @Option(help: ArgumentHelp("With --ring: files at most (default 100).", valueName: "n"))
  var ringCount: Int?

  @Option(
    help: ArgumentHelp("With --ring: MiB of packets held in memory at most (default 64).", valueName: "mb"))
  var ringMemory: Int?

  /// The most of the sizes, in MiB: a TiB.
  private static let largest = 1 << 20
  /// The least memory: a quarter of its half holds the largest packet.
  private static let leastMemory = 4

  func validate() throws {
    let isUsed =
      ringBefore != nil || ringAfter != nil || ringSlow != nil || ringSize != nil || ringCount != nil
      || ringMemory != nil
    guard ring != nil || !isUsed else {
      throw ValidationError("--ring-before, -after, -slow, -size, -count and -memory go with --ring FOLDER.")
    }
    guard ring?.isEmpty != true else { throw ValidationError("--ring names no folder.") }
    guard (0...1e9).contains(ringSlow ?? 0) else {
      throw ValidationError("--ring-slow must be between 0 and 1000000000 seconds.")
    }
    guard (1...Self.largest).contains(ringSize ?? 1) else {
      throw ValidationError("--ring-size must be between 1 and \(Self.largest) MiB.")
    }
    guard (2...1_000_000).contains(ringCount ?? 2) else {
      throw ValidationError("--ring-count must be between 2 and 1000000.")
    }
    guard (Self.leastMemory...Self.largest).contains(ringMemory ?? Self.leastMemory) else {
      throw ValidationError("--ring-memory must be between \(Self.leastMemory) and \(Self.largest) MiB.")
    }
  }

  /// The settings; nil: nothing is kept.
  ///
  /// - Parameter slow: What `--slow` says, in nanoseconds.
  func settings(slow: Int64) -> RingSettings? {
    guard let ring else { return nil }
    var settings = RingSettings(folder: ring)
    if let ringBefore { settings.before = ringBefore }
    if let ringAfter { settings.after = ringAfter }
    settings.slow = ringSlow.map { Int64($0 * 1e9) } ?? slow
    if let ringSize { settings.bytes = ringSize << 20 }
    if let ringCount { settings.files = ringCount }
    if let ringMemory { settings.memory = ringMemory << 20 }
    return settings
  }
}

extension RingSpan: ExpressibleByArgument {
  package init?(argument: String) { self.init(argument) }
}
