import CaptureFile
import Glibc
import Specification

/// The transcript of a case as a capture that `inspect` and other tools open.
package enum TranscriptCapture {
  /// How many bytes of traffic go into a capture. It ends at the message that would not fit.
  package static let limit = 8 << 20

  /// A pcapng file: one TCP connection for each of the case, with packets made for what crossed the sockets. What was inside
  /// of TLS stands there in clear. Of a case with more traffic than ``limit`` it has the beginning.
  ///
  /// - Returns: The file; nil if the transcript has no connection.
  package static func pcapng(of transcript: CaseTranscript) throws -> [UInt8]? {
    var writer = CaptureWriter(format: .pcapng)
    let interface = try writer.addInterface(CaptureInterface(linkType: SynthesisedFlow.linkType))
    var flows: [Int: (flow: SynthesisedFlow, own: PeerRole)] = [:]
    var room = limit
    for entry in transcript.entries {
      let (time, overflow) = transcript.startNanoseconds.addingReportingOverflow(entry.nanoseconds)
      guard !overflow, time >= 0 else { continue }
      if case .opened(let local, let remote, let isServer) = entry.event, flows[entry.connection] == nil {
        guard let own = endpoint(local), let peer = endpoint(remote) else { continue }
        var flow = SynthesisedFlow(
          client: isServer ? peer : own, server: isServer ? own : peer, interface: interface)
        try flow.open(at: time, into: &writer)
        flows[entry.connection] = (flow, isServer ? .server : .client)
      }
      guard let own = flows[entry.connection]?.own, var flow = flows[entry.connection]?.flow else { continue }
      if case .sent(let bytes) = entry.event { room -= bytes.count }
      if case .received(let bytes) = entry.event { room -= bytes.count }
      guard room >= 0 else { break }
      switch entry.event {
      case .sent(let bytes): try flow.data(from: own, bytes, at: time, into: &writer)
      case .received(let bytes): try flow.data(from: own.peer, bytes, at: time, into: &writer)
      case .endSent: try flow.finish(from: own, at: time, into: &writer)
      case .resetSent: try flow.reset(from: own, at: time, into: &writer)
      case .endReceived: try flow.finish(from: own.peer, at: time, into: &writer)
      case .resetReceived: try flow.reset(from: own.peer, at: time, into: &writer)
      default: continue
      }
      flows[entry.connection] = (flow, own)
    }
    guard !flows.isEmpty else { return nil }
    try writer.finish()
    return writer.takeBytes()
  }

  /// Reads `127.0.0.1:8003` or `[::1]:8003`.
  private static func endpoint(_ text: String) -> SynthesisedFlow.Endpoint? {
    guard let colon = text.lastIndex(of: ":"), let port = UInt16(text[text.index(after: colon)...]) else { return nil }
    var host = String(text[..<colon])
    if host.hasPrefix("["), host.hasSuffix("]") { host = String(host.dropFirst().dropLast()) }
    // The zone of a link-local address is no part of a packet.
    let numeric = host.prefix { $0 != "%" }
    for (family, length) in [(AF_INET, 4), (AF_INET6, 16)] {
      var address = [UInt8](repeating: 0, count: length)
      if inet_pton(family, String(numeric), &address) == 1 {
        return SynthesisedFlow.Endpoint(address: address, port: port)
      }
    }
    return nil
  }
}
