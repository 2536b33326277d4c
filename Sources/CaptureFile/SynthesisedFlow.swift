public import Specification

/// One TCP connection as the packets of a capture, made from what crossed a socket. No I/O and no clock.
///
/// What a program reads from and writes to a socket (inside TLS too) has no packets. This puts it into some that any tool
/// opens: the three packets of a handshake, segments with right sequence numbers and checksums, an acknowledgement right
/// after each, and the end. Every connection of a capture has one flow; all of them write to one ``CaptureWriter``, each
/// event when it happens. The interface is one of ``linkType``:
///
///     let interface = try writer.addInterface(CaptureInterface(linkType: SynthesisedFlow.linkType))
///     var flow = SynthesisedFlow(client: client, server: server, interface: interface)
///     try flow.open(at: time, into: &writer)
///     try flow.data(from: .client, request, at: time, into: &writer)
///
/// What could not have crossed a socket is left out: data of a side after its end, and anything after a reset. Times are
/// nanoseconds since 1970; a time before the flow's last packet counts as that packet's, so that a corrected clock does not
/// turn the conversation round.
public struct SynthesisedFlow: Sendable {
  /// One end of the connection.
  public struct Endpoint: Hashable, Sendable {
    /// 4 bytes for IPv4, 16 for IPv6, as they stand in a packet.
    public let address: [UInt8]
    /// The TCP port.
    public let port: UInt16

    /// Makes an end; nil if the address has neither 4 nor 16 bytes.
    public init?(address: [UInt8], port: UInt16) {
      guard address.count == 4 || address.count == 16 else { return nil }
      self.address = address
      self.port = port
    }
  }

  /// The LINKTYPE of the packets: raw IP, version 4 or 6 by their first byte.
  public static let linkType: UInt16 = 101

  /// The most bytes of data in one segment. An IPv4 packet counts its length in 16 bits.
  public static let maximumSegmentLength = 65_000

  /// What a side has sent and received.
  private struct Side {
    var address: [UInt8]
    var port: UInt16
    /// The sequence number of the next byte that it sends.
    var sequence: UInt32 = 0
    var identification: UInt16 = 0
    var isFinished = false
  }

  private struct Flags {
    static let fin: UInt8 = 0x01
    static let syn: UInt8 = 0x02
    static let reset: UInt8 = 0x04
    static let push: UInt8 = 0x08
    static let acknowledgement: UInt8 = 0x10
  }

  private enum Phase { case new, open, reset }

  private var client: Side
  private var server: Side
  private let interface: Int
  private let initialSequences: (client: UInt32, server: UInt32)?
  private var phase = Phase.new
  private var lastTime: Int64 = 0
  /// The packet being put together; kept for its memory.
  private var packet: [UInt8] = []

  /// Makes a connection between two ends. If one has an IPv4 and the other an IPv6 address, the first is written as an
  /// IPv4-mapped IPv6 address (RFC 4291 §2.5.5.2).
  ///
  /// - Parameters:
  ///   - client: The end that opened the connection.
  ///   - server: The end that accepted it.
  ///   - interface: The number of the writer's interface, which must be of ``linkType``.
  public init(client: Endpoint, server: Endpoint, interface: Int = 0) {
    self.init(client: client, server: server, interface: interface, initialSequences: nil)
  }

  /// Makes a connection whose sequence numbers begin with given ones; nil: with numbers that depend on the ends and the time,
  /// so that two connections between the same ends can be told apart (RFC 9293 §3.4.1).
  init(client: Endpoint, server: Endpoint, interface: Int, initialSequences: (client: UInt32, server: UInt32)?) {
    let isMixed = client.address.count != server.address.count
    self.client = Side(address: Self.address(client, mapped: isMixed), port: client.port)
    self.server = Side(address: Self.address(server, mapped: isMixed), port: server.port)
    self.interface = interface
    self.initialSequences = initialSequences
  }

  private static func address(_ endpoint: Endpoint, mapped: Bool) -> [UInt8] {
    guard mapped, endpoint.address.count == 4 else { return endpoint.address }
    return [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF] + endpoint.address
  }

  // MARK: - What happens

  /// The connection is established: SYN, SYN and acknowledgement, acknowledgement. Does nothing when called again.
  public mutating func open(at time: Int64, into writer: inout CaptureWriter) throws(CaptureWriteError) {
    guard phase == .new else { return }
    let initial = initialSequences ?? sequences(at: time)
    client.sequence = initial.client
    server.sequence = initial.server
    phase = .open
    try write(.client, Flags.syn, at: time, into: &writer)
    try write(.server, Flags.syn | Flags.acknowledgement, at: time, into: &writer)
    try write(.client, Flags.acknowledgement, at: time, into: &writer)
  }

  /// The connection was established before the capture: nothing is written of how. Does nothing once it is open.
  package mutating func join(at time: Int64) {
    guard phase == .new else { return }
    let initial = initialSequences ?? sequences(at: time)
    client.sequence = initial.client
    server.sequence = initial.server
    phase = .open
  }

  /// A side sent bytes that the capture does not have.
  package mutating func skip(from sender: PeerRole, _ count: Int) {
    if sender == .client {
      client.sequence &+= UInt32(truncatingIfNeeded: count)
    } else {
      server.sequence &+= UInt32(truncatingIfNeeded: count)
    }
  }

  /// A side sent bytes of which the capture has the packets and not the contents, as with a small snap length.
  package mutating func cut(
    from sender: PeerRole, _ count: Int, at time: Int64, into writer: inout CaptureWriter
  ) throws(CaptureWriteError) {
    guard phase == .open, !isFinished(sender) else { return }
    var left = count
    while left > 0 {
      let length = min(left, Self.maximumSegmentLength)
      try write(sender, Flags.push | Flags.acknowledgement, cut: length, at: time, into: &writer)
      try write(sender.peer, Flags.acknowledgement, at: time, into: &writer)
      left -= length
    }
  }

  /// A side sends bytes: segments of at most ``maximumSegmentLength``, each acknowledged at once. Opens the connection if that
  /// was not done. No bytes, no packets.
  public mutating func data(
    from sender: PeerRole, _ bytes: RawSpan, at time: Int64, into writer: inout CaptureWriter
  ) throws(CaptureWriteError) {
    guard bytes.byteCount > 0 else { return }
    try open(at: time, into: &writer)
    guard phase == .open, !isFinished(sender) else { return }
    var start = 0
    while start < bytes.byteCount {
      let end = min(bytes.byteCount, start + Self.maximumSegmentLength)
      try write(
        sender, Flags.push | Flags.acknowledgement, bytes.extracting(start..<end), at: time, into: &writer)
      try write(sender.peer, Flags.acknowledgement, at: time, into: &writer)
      start = end
    }
  }

  /// A side sends bytes, as ``data(from:_:at:into:)`` with a span.
  public mutating func data(
    from sender: PeerRole, _ bytes: [UInt8], at time: Int64, into writer: inout CaptureWriter
  ) throws(CaptureWriteError) {
    try data(from: sender, bytes.span.bytes, at: time, into: &writer)
  }

  /// A side has no more to send: FIN, and its acknowledgement. The other may go on. Does nothing when called again for the
  /// same side.
  public mutating func finish(
    from sender: PeerRole, at time: Int64, into writer: inout CaptureWriter
  ) throws(CaptureWriteError) {
    try open(at: time, into: &writer)
    guard phase == .open, !isFinished(sender) else { return }
    try write(sender, Flags.fin | Flags.acknowledgement, at: time, into: &writer)
    if sender == .client { client.isFinished = true } else { server.isFinished = true }
    try write(sender.peer, Flags.acknowledgement, at: time, into: &writer)
  }

  /// A side breaks the connection off: RST. Nothing comes after it, and nothing comes when both sides had finished before.
  public mutating func reset(
    from sender: PeerRole, at time: Int64, into writer: inout CaptureWriter
  ) throws(CaptureWriteError) {
    try open(at: time, into: &writer)
    guard phase == .open, !(client.isFinished && server.isFinished) else { return }
    try write(sender, Flags.reset | Flags.acknowledgement, at: time, into: &writer)
    phase = .reset
  }

  private func isFinished(_ role: PeerRole) -> Bool {
    role == .client ? client.isFinished : server.isFinished
  }

  /// Sequence numbers for a connection that begins at a time: a clock of 4 µs and a hash (FNV-1a) of the ends.
  private func sequences(at time: Int64) -> (client: UInt32, server: UInt32) {
    var hash: UInt32 = 0x811C_9DC5
    func mix(_ byte: UInt8) { hash = (hash ^ UInt32(byte)) &* 0x0100_0193 }
    for side in [client, server] {
      for byte in side.address { mix(byte) }
      mix(UInt8(truncatingIfNeeded: side.port >> 8))
      mix(UInt8(truncatingIfNeeded: side.port))
    }
    let ticks = UInt32(truncatingIfNeeded: time / 4000)
    return (ticks &+ hash, ticks &+ hash.byteSwapped)
  }

  // MARK: - Packets

  private mutating func write(
    _ sender: PeerRole, _ flags: UInt8, _ data: RawSpan = RawSpan(), cut: Int = 0, at time: Int64,
    into writer: inout CaptureWriter
  ) throws(CaptureWriteError) {
    lastTime = max(lastTime, time)
    let source = sender == .client ? client : server
    let destination = sender == .client ? server : client
    packet.removeAll(keepingCapacity: true)
    let isSyn = flags & Flags.syn != 0
    let length = (isSyn ? 24 : 20) + data.byteCount + cut
    if source.address.count == 4 {
      putVersion4Header(source, destination, length: length)
    } else {
      putVersion6Header(source, destination, length: length)
    }
    putSegment(source, destination, flags: flags, data)
    let occupied = UInt32(truncatingIfNeeded: data.byteCount + cut) + (flags & (Flags.syn | Flags.fin) != 0 ? 1 : 0)
    if sender == .client {
      client.sequence &+= occupied
      client.identification &+= 1
    } else {
      server.sequence &+= occupied
      server.identification &+= 1
    }
    try writer.write(
      packet.span.bytes, timestampNanoseconds: lastTime, interface: interface, originalLength: packet.count + cut)
  }

  /// RFC 791 §3.1, with "don't fragment".
  private mutating func putVersion4Header(_ source: Side, _ destination: Side, length: Int) {
    put16(0x4500)
    put16(UInt16(20 + length))
    put16(source.identification)
    put16(0x4000)
    // Time to live 64, protocol 6 (TCP).
    put16(0x4006)
    put16(0)
    packet += source.address
    packet += destination.address
    setChecksum(InternetSum.of(packet.span.bytes, from: 0), at: 10)
  }

  /// RFC 8200 §3.
  private mutating func putVersion6Header(_ source: Side, _ destination: Side, length: Int) {
    put32(0x6000_0000)
    put16(UInt16(length))
    // Next header 6 (TCP), hop limit 64.
    put16(0x0640)
    packet += source.address
    packet += destination.address
  }

  /// RFC 9293 §3.1. A SYN says how long segments may be.
  private mutating func putSegment(_ source: Side, _ destination: Side, flags: UInt8, _ data: RawSpan) {
    let start = packet.count
    let isSyn = flags & Flags.syn != 0
    put16(source.port)
    put16(destination.port)
    put32(source.sequence)
    put32(flags & Flags.acknowledgement != 0 ? destination.sequence : 0)
    put16(UInt16(isSyn ? 0x6000 : 0x5000) | UInt16(flags))
    // The window, checksum and urgent pointer. Nothing is ever in flight but one segment.
    put16(.max)
    put16(0)
    put16(0)
    if isSyn {
      put16(0x0204)
      put16(UInt16(Self.maximumSegmentLength))
    }
    data.withUnsafeBytes { packet.append(contentsOf: $0) }
    // The pseudo-header: both addresses, the length and the protocol.
    let pseudoHeader =
      InternetSum.of(source.address.span.bytes, from: 0) + InternetSum.of(destination.address.span.bytes, from: 0)
      + InternetSum.word(UInt16(packet.count - start)) + InternetSum.word(6)
    setChecksum(pseudoHeader + InternetSum.of(packet.span.bytes, from: start), at: start + 16)
  }

  private mutating func setChecksum(_ sum: UInt64, at offset: Int) {
    let checksum = InternetSum.checksum(sum)
    packet[offset] = UInt8(checksum >> 8)
    packet[offset + 1] = UInt8(truncatingIfNeeded: checksum)
  }

  private mutating func put16(_ value: UInt16) {
    packet.append(UInt8(value >> 8))
    packet.append(UInt8(truncatingIfNeeded: value))
  }

  private mutating func put32(_ value: UInt32) {
    put16(UInt16(value >> 16))
    put16(UInt16(truncatingIfNeeded: value))
  }
}
