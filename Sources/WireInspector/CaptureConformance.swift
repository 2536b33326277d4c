import FrameCodec
package import Specification

/// Holds the traffic of a capture against the rules that can be seen in it: `inspect --check`.
///
/// Each side of the connections is judged by what it sent. A rule counts as kept where there was something to keep it on, and
/// no finding speaks against it. A violation on a connection that the capture does not have whole is no proof, and only
/// informational.
package final class CaptureConformance: InspectionSink {
  /// What became of one rule on one side.
  package struct Entry: Sendable {
    /// Whose traffic it was.
    package let role: PeerRole

    /// The rule.
    package let requirement: RequirementID

    /// How often there was something to keep it on.
    package fileprivate(set) var occasions = 0

    /// How often it was broken.
    package fileprivate(set) var violations = 0

    /// The first violation that counts, else the first that does not: where and what, in one sentence.
    package fileprivate(set) var evidence: String?

    /// Whether a violation counts: it was on a connection that the capture has whole.
    package fileprivate(set) var isProven = false
  }

  /// Something that a rule is kept or broken on.
  private enum Occasion: CaseIterable {
    case upgrade, message, frame, protobufFrame, displacement, fragmented, compressed, close, request, response
  }

  private struct Key: Hashable {
    let role: PeerRole
    let requirement: RequirementID
  }

  /// The rules, what they are kept on, and by whom; the same as those that findings name.
  private static let rules: [(requirement: RequirementID, occasion: Occasion, roles: [PeerRole])] = [
    ("handshake.accept", .upgrade, [.server]), ("handshake.answer.extension", .upgrade, [.server]),
    ("ws.mask.server", .message, [.server]), ("ws.mask.client", .message, [.client]),
    ("ws.length.minimal", .message, [.client, .server]), ("ws.rsv", .message, [.client, .server]),
    ("ws.opcode", .message, [.client, .server]), ("ws.fragment.form", .fragmented, [.client, .server]),
    ("close.after", .close, [.client, .server]), ("deflate.no-takeover", .compressed, [.client, .server]),
    ("frame.message.binary", .frame, [.client, .server]), ("frame.magic", .frame, [.client, .server]),
    ("frame.length.exact", .frame, [.client, .server]), ("frame.trailing", .frame, [.client, .server]),
    ("frame.length.limit.send", .frame, [.client, .server]),
    ("protobuf.message.fields", .protobufFrame, [.client, .server]),
    ("protobuf.displacement.fields", .displacement, [.server]), ("rpc.answer.sn", .response, [.client, .server]),
    ("rpc.answer.once", .response, [.client, .server]), ("rpc.sn.unique", .request, [.client, .server]),
  ]

  /// Findings that say that a connection was not captured whole, or not as it was.
  private static let losses: Set<String> = [
    "tcp.gap", "tcp.midstream", "tcp.overlap-conflict", "tcp.bad-checksum", "capture.snaplen", "ip.fragment-lost",
    "ws.resync", "ws.truncated-message", "ws.deflate-context-lost",
  ]

  private var entries: [Key: Entry] = [:]
  private var incomplete: Set<Int> = []

  /// The counts of the capture.
  package private(set) var summary = SummaryRecord()

  /// A check of nothing yet.
  package init() {}

  /// What became of each rule that the capture has something to say about, in the order of the rules, the client's first.
  package var results: [Entry] {
    Self.rules.flatMap { rule in
      rule.roles.compactMap { role in entries[Key(role: role, requirement: rule.requirement)] }
    }
  }

  package func connection(_ record: ConnectionRecord, at place: RecordPlace) {
    if let number = place.connection, record.isMidstream { incomplete.insert(number) }
    if record.status == 101, record.handshake != nil { count(.upgrade, .server) }
  }

  package func frame(_ record: FrameRecord, payload: RawSpan, at place: RecordPlace) {
    let role = record.role
    if record.isTruncated, let number = place.connection { incomplete.insert(number) }
    count(.message, role)
    if record.fragments > 1 { count(.fragmented, role) }
    if record.isCompressed { count(.compressed, role) }
    count(record.header.revision == .current ? .frame : .protobufFrame, role)
    switch record.kind {
    case .displacement: count(.displacement, role)
    case .request: count(.request, role)
    case .response: count(.response, role)
    case .message, .acknowledgement: break
    }
  }

  package func control(_ record: ControlRecord, at place: RecordPlace) {
    count(.message, record.role)
    if record.opcode == .close { count(.close, record.role) }
  }

  package func call(_ record: CallRecord, at place: RecordPlace) {}

  package func finding(_ record: FindingRecord, at place: RecordPlace) {
    if Self.losses.contains(record.id), let number = place.connection { incomplete.insert(number) }
    guard let requirement = record.requirement.map(RequirementID.init(rawValue:)), let role = record.role else {
      return
    }
    let isProven = place.connection.map { !incomplete.contains($0) } ?? true
    let key = Key(role: role, requirement: requirement)
    var entry = entries[key] ?? Entry(role: role, requirement: requirement)
    entry.violations += 1
    if entry.evidence == nil || (isProven && !entry.isProven) {
      var text = place.connection.map { "connection \($0)" } ?? "the capture"
      if let packets = place.packets { text += ", packet \(packets.upperBound)" }
      entry.evidence = text + (record.offset.map { ", offset \($0)" } ?? "") + ": " + record.message
    }
    entry.isProven = entry.isProven || isProven
    entries[key] = entry
  }

  package func summary(_ record: SummaryRecord, at place: RecordPlace) { summary = record }

  private func count(_ occasion: Occasion, _ role: PeerRole) {
    for rule in Self.rules where rule.occasion == occasion && rule.roles.contains(role) {
      entries[Key(role: role, requirement: rule.requirement), default: Entry(role: role, requirement: rule.requirement)]
        .occasions += 1
    }
  }
}
