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
    package var isProven: Bool { !proofs.isEmpty }

    /// The first violation on each connection that the capture has whole so far; of more than ``proofLimit`` they are not told apart.
    fileprivate var proofs: [Int: String] = [:]

    fileprivate static let proofLimit = 1024

    fileprivate init(role: PeerRole, requirement: RequirementID) {
      self.role = role
      self.requirement = requirement
    }

    /// That a connection turned out not to be captured whole.
    fileprivate mutating func withdraw(_ connection: Int) {
      guard proofs.removeValue(forKey: connection) != nil, let earliest = proofs.min(by: { $0.key < $1.key }) else {
        return
      }
      evidence = earliest.value
    }
  }

  /// Something that a rule is kept or broken on.
  private enum Occasion: CaseIterable {
    case upgrade, message, text, fragmented, compressed, compressedFragmented, control, compressibleControl
    case close, closeBody, closeReason
    case frame, frame1_1, frame1_2, frame1_3_0, protobufFrame, displacement, request, response

    /// A frame of a revision.
    static func frame(of revision: Revision) -> Occasion {
      switch revision {
      case .v1_1: .frame1_1
      case .v1_2: .frame1_2
      case .v1_3_0: .frame1_3_0
      case .v1_3_3: .frame
      }
    }
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
    ("ws.control.length", .control, [.client, .server]), ("ws.control.fragmented", .control, [.client, .server]),
    ("ws.text.utf8", .text, [.client, .server]),
    ("close.code", .closeBody, [.client, .server]), ("close.body.one", .closeBody, [.client, .server]),
    ("close.reason.utf8", .closeReason, [.client, .server]), ("close.after", .close, [.client, .server]),
    ("deflate.rsv1.control", .compressibleControl, [.client, .server]),
    ("deflate.rsv1.continuation", .compressedFragmented, [.client, .server]),
    ("deflate.no-takeover", .compressed, [.client, .server]),
    ("frame.message.binary", .frame, [.client, .server]), ("frame.magic", .frame, [.client, .server]),
    ("frame.length.exact", .frame, [.client, .server]), ("frame.trailing", .frame, [.client, .server]),
    ("frame.length.limit.send", .frame, [.client, .server]),
    ("legacy.1_1.message", .frame1_1, [.client, .server]), ("legacy.1_2.magic", .frame1_2, [.client, .server]),
    ("legacy.1_2.length", .frame1_2, [.client, .server]), ("legacy.1_3_0.magic", .frame1_3_0, [.client, .server]),
    ("legacy.1_3_0.length", .frame1_3_0, [.client, .server]),
    ("protobuf.message.fields", .protobufFrame, [.client, .server]),
    ("protobuf.displacement.fields", .displacement, [.server]), ("rpc.answer.sn", .response, [.client, .server]),
    ("rpc.answer.once", .response, [.client, .server]), ("rpc.sn.unique", .request, [.client, .server]),
  ]

  /// Findings that say that a connection was not captured whole, or not as it was.
  private static let losses: Set<String> = [
    "tcp.gap", "tcp.midstream", "tcp.overlap-conflict", "tcp.bad-checksum", "capture.snaplen", "ip.fragment-lost",
    "tls.bad-record", "tls.resync", "tls.truncated", "ws.resync", "ws.truncated-message", "ws.deflate-context-lost",
    "http.truncated",
  ]

  /// Findings that come last and say the same of what was found before them.
  private static let lateLosses: Set<String> = ["http.no-response"]

  private var entries: [Key: Entry] = [:]
  private var incomplete: Set<Int> = []
  /// The connections on which compression was agreed on.
  private var compressing: Set<Int> = []

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
    if let number = place.connection, record.compression?.contains("permessage-deflate") == true {
      compressing.insert(number)
    }
    if record.status == 101, record.handshake != nil { count(.upgrade, .server) }
  }

  package func frame(_ record: FrameRecord, payload: RawSpan, at place: RecordPlace) {
    let role = record.role
    if record.isTruncated, let number = place.connection { incomplete.insert(number) }
    count(.message, role)
    if record.fragments > 1 { count(.fragmented, role) }
    if record.isCompressed { count(.compressed, role) }
    if record.isCompressed, record.fragments > 1 { count(.compressedFragmented, role) }
    count(.frame(of: record.header.revision), role)
    if record.header.revision.isProtobuf { count(.protobufFrame, role) }
    switch record.kind {
    case .displacement: count(.displacement, role)
    case .request: count(.request, role)
    case .response: count(.response, role)
    case .message, .acknowledgement: break
    }
  }

  package func control(_ record: ControlRecord, at place: RecordPlace) {
    count(.message, record.role)
    count(.control, record.role)
    if let number = place.connection, compressing.contains(number) { count(.compressibleControl, record.role) }
    guard record.opcode == .close else { return }
    count(.close, record.role)
    if !record.payload.isEmpty { count(.closeBody, record.role) }
    if !record.reason.isEmpty { count(.closeReason, record.role) }
  }

  package func call(_ record: CallRecord, at place: RecordPlace) {}

  package func finding(_ record: FindingRecord, at place: RecordPlace) {
    if Self.losses.contains(record.id), let number = place.connection { incomplete.insert(number) }
    if Self.lateLosses.contains(record.id), let number = place.connection {
      incomplete.insert(number)
      for key in entries.keys { entries[key]?.withdraw(number) }
    }
    if record.id == InspectionFindingCode.unexpectedText.rawValue, let role = record.role { count(.text, role) }
    guard let requirement = record.requirement.map(RequirementID.init(rawValue:)), let role = record.role else {
      return
    }
    let isProven = place.connection.map { !incomplete.contains($0) } ?? true
    let key = Key(role: role, requirement: requirement)
    var entry = entries[key] ?? Entry(role: role, requirement: requirement)
    entry.violations += 1
    let isFirstProof = isProven && !entry.isProven
    let number = place.connection ?? 0
    let isWanted = isProven && entry.proofs.count < Entry.proofLimit && entry.proofs[number] == nil
    if entry.evidence == nil || isWanted {
      var text = place.connection.map { "connection \($0)" } ?? "the capture"
      if let packets = place.packets { text += ", packet \(packets.upperBound)" }
      text += (record.offset.map { ", offset \($0)" } ?? "") + ": " + record.message
      if isWanted { entry.proofs[number] = text }
      if entry.evidence == nil || isFirstProof { entry.evidence = text }
    }
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
