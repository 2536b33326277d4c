import CaptureFile
import NIOConcurrencyHelpers
package import NIOCore
import ReferencePeer
package import Specification
import StrictJSON
import WireInspector

/// What crosses the sockets of the mock server, decoded as it happens, and kept as a capture.
///
/// The recorder makes packets of the bytes, and the inspector of captures looks at these: so the console shows what was really on
/// the wire, also of a faulty server, and says what is wrong about it in the words of `wireproof inspect`.
package final class TrafficFeed: TrafficObserver {
  private let recorder: CaptureRecorder
  private let kept: NIOLockedValueBox<KeptCapture>
  private let inspection: LiveInspection

  init(_ events: EventStream) throws {
    let kept = NIOLockedValueBox(KeptCapture())
    let inspection = LiveInspection(events)
    recorder = try CaptureRecorder { bytes in
      kept.withLockedValue { $0.add(bytes) }
      inspection.take(bytes)
    }
    self.kept = kept
    self.inspection = inspection
  }

  /// The last traffic as a pcapng file; of a connection that is longer than what is kept, the end.
  var capture: [UInt8] { kept.withLockedValue { $0.file } }

  /// What tells a page of the connections so far, the last ones.
  var known: [JSONObject] { inspection.known }

  package func opened(connection: UInt64, role: PeerRole, local: SocketAddress?, remote: SocketAddress?) {
    recorder.opened(connection: connection, role: role, local: local, remote: remote)
  }

  package func received(_ bytes: ByteBuffer, connection: UInt64) { recorder.received(bytes, connection: connection) }

  package func sent(_ bytes: ByteBuffer, connection: UInt64) { recorder.sent(bytes, connection: connection) }

  package func closed(connection: UInt64) { recorder.closed(connection: connection) }
}

/// A capture of which the beginning is given up where it becomes too long.
struct KeptCapture {
  /// How many bytes are kept.
  static let limit = 32 << 20

  /// What comes before the packets.
  private var header: [UInt8]?
  private var pieces: [[UInt8]] = []
  private var first = 0
  private var count = 0

  /// Adds what the recorder writes: first the header, then packets, whole ones each time.
  mutating func add(_ bytes: [UInt8]) {
    guard header != nil else {
      header = bytes
      return
    }
    pieces.append(bytes)
    count += bytes.count
    while count > Self.limit, first < pieces.count {
      count -= pieces[first].count
      pieces[first] = []
      first += 1
    }
    if first > 1 << 12, first * 2 > pieces.count {
      pieces.removeFirst(first)
      first = 0
    }
  }

  /// The file.
  var file: [UInt8] {
    var file = header ?? []
    file.reserveCapacity(file.count + count)
    for piece in pieces[first...] { file += piece }
    return file
  }
}

/// The inspector over the capture as it is written. Unchecked: nobody reaches it but through the recorder's lock, the records of
/// connections apart.
private final class LiveInspection: @unchecked Sendable {
  private var reader = CaptureReader()
  private var inspection: CaptureInspection
  private let sink: FeedSink

  init(_ events: EventStream) {
    sink = FeedSink(events)
    var options = InspectionOptions()
    // What the server takes bounds its traffic; here is only decoded what passed.
    options.inflationLimit.ratio = 0
    options.messageLimit = 2 << 20
    inspection = CaptureInspection(options: options, sink: sink)
  }

  var known: [JSONObject] { sink.known }

  func take(_ bytes: [UInt8]) {
    reader.feed(bytes)
    while let event = reader.next() {
      guard case .record(let record) = event else { continue }
      reader.withBytes(of: record) { packet in
        inspection.receive(
          packet, linkType: record.linkType, originalLength: record.originalLength, time: record.timestampNanoseconds)
      }
    }
  }
}
