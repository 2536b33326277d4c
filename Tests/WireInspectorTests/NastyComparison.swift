import FrameCodec
import Negotiation
import Specification

@testable import WireInspector

/// Compares what came of a capture with its manifest.
struct NastyComparison {
  private struct Item: Hashable {
    var protocolId: Int64
    var sn: UInt32?
    var length: Int
    var digest: String
  }

  private struct Side: Hashable {
    var client: String
    var server: String
    var direction: String
  }

  private let capture: NastyCapture
  private let sink: RecordingSink
  private let outcome: CaptureInspection.Outcome
  private let isRenumbered: Bool

  init(_ capture: NastyCapture, _ sink: RecordingSink, _ outcome: CaptureInspection.Outcome, isRenumbered: Bool) {
    self.capture = capture
    self.sink = sink
    self.outcome = outcome
    self.isRenumbered = isRenumbered
  }

  func faults() -> [String] {
    var faults: [String] = []
    let codes: [Int32] = capture.exit == "ok" ? [0] : capture.exit == "partial" ? [3] : [2]
    if !codes.contains(outcome.exitCode) { faults.append("exit \(outcome.exitCode)") }
    if capture.exit == "error", outcome.messages.isEmpty { faults.append("no message") }
    let found = Set(sink.findings.map(\.id))
    for id in capture.anomalies_required where !found.contains(id) { faults.append("not reported: \(id)") }
    for id in capture.anomalies_forbidden where found.contains(id) { faults.append("wrongly reported: \(id)") }
    guard capture.exit != "error" else { return faults }
    faults += frameFaults() + metadataFaults()
    if capture.flags.rpc_check ?? true, !isLax { faults += callFaults() }
    return faults
  }

  private var isLax: Bool {
    capture.flags.messages_optional ?? false || capture.flags.handshake_cut ?? false
      || capture.flags.s2c_after_gap_optional ?? false
  }

  /// The address of the manifest as the packets have it.
  private func address(_ text: String) -> String {
    guard isRenumbered, let colon = text.lastIndex(of: ":") else { return text }
    let bytes = text[..<colon].split(separator: ".").compactMap { UInt16($0) }
    guard bytes.count == 4 else { return text }
    let high = String(bytes[0] << 8 | bytes[1], radix: 16)
    let low = String(bytes[2] << 8 | bytes[3], radix: 16)
    return "[2001:db8::\(high):\(low)]\(text[colon...])"
  }

  private func frameFaults() -> [String] {
    var expected: [Side: [Item]] = [:]
    for connection in capture.connections {
      for message in connection.messages {
        let side = Side(client: address(connection.client), server: address(connection.server), direction: message.dir)
        expected[side, default: []].append(
          Item(protocolId: message.protocolId, sn: message.sn, length: message.len, digest: message.sha256))
      }
    }
    var found: [Side: [Item]] = [:]
    for frame in sink.frames where !frame.record.isTruncated {
      let connection = sink.connections[frame.connection]
      let side = Side(
        client: connection?.client ?? "?", server: connection?.server ?? "?",
        direction: frame.record.role == .client ? "c2s" : "s2c")
      found[side, default: []].append(
        Item(
          protocolId: frame.record.header.protocolId, sn: frame.record.header.sn, length: frame.payload.count,
          digest: sha256(frame.payload)))
    }
    return Set(expected.keys).union(found.keys).flatMap { side in
      compare(expected[side] ?? [], found[side] ?? [], side)
    }
  }

  private func compare(_ expected: [Item], _ found: [Item], _ side: Side) -> [String] {
    let extraAllowed = Set(capture.flags.extra_ok ?? [])
    let optional = Set(capture.flags.optional ?? [])
    let expected = expected.filter { !optional.contains($0.protocolId) }
    let found = found.map { item in
      guard item.digest == capture.flags.alternative_sha256 else { return item }
      return expected.first { $0.protocolId == item.protocolId && $0.sn == item.sn && $0.length == item.length } ?? item
    }.filter { !optional.contains($0.protocolId) && (expected.contains($0) || !extraAllowed.contains($0.protocolId)) }
    let isLax =
      capture.flags.messages_optional ?? false || capture.flags.handshake_cut ?? false
      || (capture.flags.s2c_after_gap_optional ?? false && side.direction == "s2c")
    if isLax {
      return found.allSatisfy { expected.contains($0) } ? [] : ["wrong frames \(side.direction)"]
    }
    if found == expected { return [] }
    return [
      "\(side.client) \(side.direction): \(expected.count) frames expected, \(found.count) found, "
        + "\(expected.filter { !found.contains($0) }.count) of the expected missing"
    ]
  }

  private func metadataFaults() -> [String] {
    if capture.flags.midstream ?? false || capture.flags.handshake_cut ?? false { return [] }
    return capture.connections.compactMap { connection in
      guard let query = connection.upgrade?.query, !query.isEmpty else { return nil }
      let records = sink.connections.values.filter { $0.client == address(connection.client) }
      let uid = query["uid"]?.first ?? ""
      return records.contains { $0.handshake?.metadata.uidText == uid } ? nil : "metadata of \(connection.client)"
    }
  }

  private struct Call: Hashable {
    var sn: UInt32
    var caller: String
    var request: Int64
    var response: Int64?
  }

  private func callFaults() -> [String] {
    var expected: [Call: [Int64]] = [:]
    for connection in capture.connections {
      for pair in connection.rpc?.pairs ?? [] {
        expected[
          Call(sn: pair.sn, caller: pair.asked_by, request: pair.request, response: pair.response), default: []
        ].append(pair.latency_ns ?? 0)
      }
    }
    var found: [Call: [Int64]] = [:]
    // The manifests know nothing of frames whose payload was cut.
    let cut = Set(sink.frames.filter(\.record.isTruncated).compactMap(\.record.header.sn))
    for (record, _) in sink.calls where record.outcome == .answered && !cut.contains(record.sn) {
      found[
        Call(
          sn: record.sn, caller: record.role == .client ? "c2s" : "s2c", request: record.requestId,
          response: record.responseId), default: []
      ].append(record.latency ?? 0)
    }
    expected = expected.filter { !cut.contains($0.key.sn) }
    if Set(expected.keys) != Set(found.keys) { return ["calls differ"] }
    let isTimed = capture.flags.rpc_latency_check ?? true && !(capture.flags.no_time ?? false)
    return expected.compactMap { call, latencies in
      let others = found[call]?.sorted() ?? []
      guard latencies.count == others.count else { return "calls with sn \(call.sn): \(others.count)" }
      let isOff = zip(latencies.sorted(), others).contains { abs($0 - $1) > 2000 }
      return isOff && isTimed ? "latency of the call with sn \(call.sn)" : nil
    }
  }
}
