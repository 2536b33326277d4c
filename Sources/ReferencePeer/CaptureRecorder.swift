import CaptureFile
import NIOConcurrencyHelpers
public import NIOCore
public import Specification

/// Records what crosses the sockets of a server or client, inside of TLS too, as a pcapng capture that the inspector, tcpdump
/// and Wireshark open. What comes out is handed to a sink, so that the recorder itself writes no file.
public final class CaptureRecorder: TrafficObserver {
  /// Takes the bytes of the capture, in order. Called under the recorder's lock.
  public typealias Sink = @Sendable ([UInt8]) throws -> Void

  private let capture: NIOLockedValueBox<RunningCapture>

  /// Begins a capture.
  ///
  /// - Parameters:
  ///   - sink: takes the bytes.
  ///   - failed: is told the first error, at once, under the recorder's lock; nothing is recorded after it. `finish` throws it again.
  /// - Throws: where the sink does not take its header.
  public init(sink: @escaping Sink, failed: (@Sendable (any Error) -> Void)? = nil) throws {
    capture = NIOLockedValueBox(RunningCapture(sink: sink, failed: failed))
    try capture.withLockedValue { try $0.begin() }
  }

  /// Ends the capture.
  ///
  /// - Throws: the first error of the sink, or of the writer.
  public func finish() throws { try capture.withLockedValue { try $0.finish() } }

  /// Takes note of a new connection.
  public func opened(connection: UInt64, role: PeerRole, local: SocketAddress?, remote: SocketAddress?) {
    guard let local = Self.endpoint(local), let remote = Self.endpoint(remote) else { return }
    capture.withLockedValue { $0.open(connection, role, local: local, remote: remote) }
  }

  /// Writes what the peer sent.
  public func received(_ bytes: ByteBuffer, connection: UInt64) {
    capture.withLockedValue { $0.record(bytes, connection, isOwn: false) }
  }

  /// Writes what this side sent.
  public func sent(_ bytes: ByteBuffer, connection: UInt64) {
    capture.withLockedValue { $0.record(bytes, connection, isOwn: true) }
  }

  /// Writes the end of the peer's stream, which comes before this side's.
  public func peerEnded(connection: UInt64) { capture.withLockedValue { $0.endPeer(connection) } }

  /// Writes the end of a connection.
  public func closed(connection: UInt64) { capture.withLockedValue { $0.close(connection) } }

  private static func endpoint(_ address: SocketAddress?) -> SynthesisedFlow.Endpoint? {
    guard let address, let port = address.port else { return nil }
    // sockaddr_in and sockaddr_in6: the address behind family and port, and at IPv6 the flow information.
    let place: Range<Int>
    switch address.protocol {
    case .inet: place = 4..<8
    case .inet6: place = 8..<24
    default: return nil
    }
    let bytes = address.withSockAddr { pointer, size in
      Array(UnsafeRawBufferPointer(start: pointer, count: size)[place])
    }
    return SynthesisedFlow.Endpoint(address: bytes, port: UInt16(clamping: port))
  }
}

/// The capture that is being written, and the connections in it. Unchecked: nobody reaches it but through the recorder's lock.
private final class RunningCapture: @unchecked Sendable {
  private var writer = CaptureWriter(format: .pcapng)
  private var interface = 0
  private var flows: [UInt64: (flow: SynthesisedFlow, role: PeerRole)] = [:]
  private var failure: (any Error)?
  private let sink: CaptureRecorder.Sink
  private let failed: (@Sendable (any Error) -> Void)?

  init(sink: @escaping CaptureRecorder.Sink, failed: (@Sendable (any Error) -> Void)?) {
    self.sink = sink
    self.failed = failed
  }

  /// Writes what comes before the packets.
  func begin() throws {
    interface = try writer.addInterface(CaptureInterface(linkType: SynthesisedFlow.linkType))
    try sink(writer.takeBytes())
  }

  func open(
    _ connection: UInt64, _ role: PeerRole, local: SynthesisedFlow.Endpoint, remote: SynthesisedFlow.Endpoint
  ) {
    var flow = SynthesisedFlow(
      client: role == .client ? local : remote, server: role == .client ? remote : local, interface: interface)
    attempt { capture in try flow.open(at: WallClock.nanoseconds, into: &capture.writer) }
    flows[connection] = (flow, role)
  }

  func record(_ bytes: ByteBuffer, _ connection: UInt64, isOwn: Bool) {
    guard bytes.readableBytes > 0, case (var flow, let role)? = flows[connection] else { return }
    attempt { capture in
      try flow.data(
        from: isOwn ? role : role.peer, Array(bytes.readableBytesView), at: WallClock.nanoseconds,
        into: &capture.writer)
    }
    flows[connection] = (flow, role)
  }

  func endPeer(_ connection: UInt64) {
    guard case (var flow, let role)? = flows[connection] else { return }
    attempt { capture in try flow.finish(from: role.peer, at: WallClock.nanoseconds, into: &capture.writer) }
    flows[connection] = (flow, role)
  }

  func close(_ connection: UInt64) {
    guard case (var flow, let role)? = flows.removeValue(forKey: connection) else { return }
    attempt { capture in
      try flow.finish(from: role, at: WallClock.nanoseconds, into: &capture.writer)
      try flow.finish(from: role.peer, at: WallClock.nanoseconds, into: &capture.writer)
    }
  }

  func finish() throws {
    if let failure { throw failure }
    try writer.finish()
    try sink(writer.takeBytes())
  }

  /// Writes packets; after the first failure nothing more.
  private func attempt(_ body: (RunningCapture) throws -> Void) {
    guard failure == nil else { return }
    do {
      try body(self)
      try sink(writer.takeBytes())
    } catch {
      failure = error
      // Nothing of it will be needed.
      flows = [:]
      failed?(error)
    }
  }
}
