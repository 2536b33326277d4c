import NIOConcurrencyHelpers
import NIOCore

/// The resources of each event loop that a server or client runs on.
final class PeerLoops: Sendable {
  private let byLoop: NIOLockedValueBox<[ObjectIdentifier: LoopResources]> = NIOLockedValueBox([:])
  private let compressionLevel: Int
  private let statistics: TrafficStatistics?

  init(compressionLevel: Int, statistics: TrafficStatistics?) {
    self.compressionLevel = compressionLevel
    self.statistics = statistics
  }

  /// The resources of an event loop, made when it is first asked for.
  func resources(of eventLoop: any EventLoop) -> LoopResources {
    byLoop.withLockedValue { loops in
      if let resources = loops[ObjectIdentifier(eventLoop)] { return resources }
      let made = LoopResources(
        eventLoop: eventLoop, compressionLevel: compressionLevel, counters: statistics?.makeCounters())
      loops[ObjectIdentifier(eventLoop)] = made
      return made
    }
  }
}
