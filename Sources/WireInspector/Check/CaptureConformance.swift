import CaptureFile
import FrameCodec
import Negotiation
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

  /// What is held back of a connection until it is known to speak the protocol.
  private struct Undecided {
    var kept: [Key: Int] = [:]
    var violations: [(rule: RequirementID, role: PeerRole, fault: String, place: RecordPlace)] = []
    var occasions: [(occasion: RuleOccasion, role: PeerRole, count: Int)] = []
    /// The violations that no finding names.
    var judged: [(rule: RequirementID, place: RecordPlace)] = []
    /// So many violations are held back; one of each rule is enough to accuse somebody.
    static let violationLimit = 256
  }

  private struct Key: Hashable {
    let role: PeerRole
    let requirement: RequirementID
  }

  /// Findings that say that a connection was not captured whole, or not as it was.
  private static let losses: Set<String> = [
    "tcp.gap", "tcp.midstream", "tcp.overlap-conflict", "tcp.bad-checksum", "capture.snaplen", "ip.fragment-lost",
    "tls.bad-record", "tls.resync", "tls.truncated", "tls.no-keys", "ws.resync", "ws.truncated-message",
    "ws.deflate-context-lost",
    "http.truncated",
  ]

  /// Findings that come last and say the same of what was found before them.
  private static let lateLosses: Set<String> = ["http.no-response"]

  /// The connections of which keys are remembered; of more, none are.
  private static let keyLimit = 1 << 16

  private var entries: [Key: Entry] = [:]
  /// How often each occasion came, the client's and the server's: what rules are kept on is put together at the end.
  @exclusivity(unchecked) private var occasions = Array(repeating: 0, count: 2 * RuleOccasion.allCases.count)
  private var judges: [Int: ConversationJudge] = [:]
  /// By the two hosts of a connection and the key of its upgrade request, the connection.
  private var keys: [String: Int] = [:]
  /// The hosts of connections that have not ended.
  private var hosts: [Int: String] = [:]
  private var incomplete: Set<Int> = []
  /// When the capturing machine last said that it lost packets: connections that were open then may lack some.
  private var lastLoss: Int64?
  /// The connections on which compression was agreed on.
  private var compressing: Set<Int> = []

  /// The counts of the capture.
  package private(set) var summary = SummaryRecord()

  /// What connections show of which no frame of the protocol has come: they may speak another one.
  private var undecided: [Int: Undecided] = [:]
  /// Connections that spoke another protocol.
  package private(set) var foreignConnections = 0

  /// Is told of violations that are proven and that no finding names, where they are found.
  var violated: ((RequirementID, RecordPlace) -> Void)?

  /// A check of nothing yet.
  package init() {}

  /// What became of each rule that the capture has something to say about, in the order of the rules, the client's first.
  package var results: [Entry] {
    CaptureRule.all.flatMap { rule in
      rule.roles.compactMap { role -> Entry? in
        let key = Key(role: role, requirement: rule.requirement)
        let counted = rule.occasion.map { occasions[Self.index($0, role)] } ?? 0
        guard counted > 0 || entries[key] != nil else { return nil }
        var entry = entries[key] ?? Entry(role: role, requirement: rule.requirement)
        entry.occasions += counted
        return entry
      }
    }
  }

  private static func index(_ occasion: RuleOccasion, _ role: PeerRole) -> Int {
    2 * occasion.rawValue + (role == .client ? 0 : 1)
  }

  package func connection(_ record: ConnectionRecord, at place: RecordPlace) {
    // Without its request, what the client sent may not have been captured at all, as by a tap of one direction.
    if let number = place.connection, record.isMidstream || record.handshake == nil { incomplete.insert(number) }
    if let number = place.connection, let lastLoss, let opened = place.time, opened <= lastLoss {
      incomplete.insert(number)
    }
    if let number = place.connection, record.compression?.contains("permessage-deflate") == true {
      compressing.insert(number)
    }
    if let number = place.connection, undecided[number] == nil { undecided[number] = Undecided() }
    if record.status == 101, record.handshake != nil { count(.upgrade, .server, place) }
    if let number = place.connection {
      hosts[number] = "\(Self.host(of: record.client)) \(record.server)"
    }
  }

  package func frame(_ record: FrameRecord, payload: RawSpan, at place: RecordPlace) {
    let role = record.role
    if !undecided.isEmpty { decide(place, isForeign: false) }
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
    judge(place) { $0.take(record, at: place.time) }
  }

  package func control(_ record: ControlRecord, at place: RecordPlace) {
    count(.message, record.role, place)
    count(.control, record.role, place)
    judge(place) { $0.take(record, at: place.time) }
    if let number = place.connection, compressing.contains(number) { count(.compressibleControl, record.role, place) }
    guard record.opcode == .close else { return }
    count(.close, record.role, place)
    if !record.payload.isEmpty { count(.closeBody, record.role, place) }
    if !record.reason.isEmpty { count(.closeReason, record.role, place) }
  }

  package func call(_ record: CallRecord, at place: RecordPlace) {}

  package func finding(_ record: FindingRecord, at place: RecordPlace) {
    if record.id == CaptureFindingCode.captureDrops.rawValue {
      incomplete.formUnion(hosts.keys)
      lastLoss = place.time
    }
    if Self.losses.contains(record.id), let number = place.connection { incomplete.insert(number) }
    if Self.lateLosses.contains(record.id), let number = place.connection {
      incomplete.insert(number)
      for key in entries.keys { entries[key]?.withdraw(number) }
    }
    if record.id == InspectionFindingCode.unexpectedText.rawValue, let role = record.role {
      count(.text, role, place)
    }
    if record.requirement != nil, let number = place.connection, !incomplete.contains(number) {
      judges[number, default: ConversationJudge()].take(record, at: place.time)
    }
    guard let requirement = record.requirement.map(RequirementID.init(rawValue:)), let role = record.role else {
      return
    }
    let offset = record.offset.map { ", offset \($0)" } ?? ""
    addViolation(of: requirement, by: role, "\(offset): \(record.message)", at: place)
  }

  package func end(_ record: ConnectionEndRecord, at place: RecordPlace) {
    guard let number = place.connection else { return }
    decide(place, isForeign: record.isForeign)
    if record.isForeign {
      foreignConnections += 1
      judges[number] = nil
      hosts[number] = nil
      compressing.remove(number)
      incomplete.remove(number)
      return
    }
    var judge = judges.removeValue(forKey: number) ?? ConversationJudge()
    let pair = hosts.removeValue(forKey: number)
    var observations = UpgradeJudge.observations(record, clientWentOn: judge.clientWentOn)
    // A proxy may pass on a key, so that only the same two hosts tell.
    if let pair, keys.count < Self.keyLimit, let key = record.request?.text("sec-websocket-key") {
      let earlier = keys.updateValue(number, forKey: "\(pair) \(key)")
      observations.append(
        earlier.map {
          .broken("handshake.request.key.fresh", by: .client, "connection \($0) had the same Sec-WebSocket-Key")
        }
          ?? .kept("handshake.request.key.fresh", by: .client))
    }
    // What was not captured may be what is missing.
    if !incomplete.contains(number) { observations += judge.finish(record) }
    take(observations, at: place)
    compressing.remove(number)
    incomplete.remove(number)
  }

  /// An address without its port.
  private static func host(of address: String) -> Substring {
    address.lastIndex(of: ":").map { address[..<$0] } ?? address[...]
  }

  /// Gives a connection's judge something.
  private func judge(_ place: RecordPlace, _ take: (inout ConversationJudge) -> [RuleObservation]) {
    guard let number = place.connection else { return }
    self.take(take(&judges[number, default: ConversationJudge()]), at: place)
  }

  private func take(_ observations: [RuleObservation], at place: RecordPlace) {
    for observation in observations {
      if let fault = observation.fault {
        addViolation(of: observation.rule, by: observation.role, ": \(fault)", at: place)
        if let number = place.connection, undecided[number] != nil {
          undecided[number]?.judged.append((observation.rule, place))
        } else if isProven(place) {
          violated?(observation.rule, place)
        }
      } else {
        countKept(observation.rule, observation.role, place)
      }
    }
  }

  private func isProven(_ place: RecordPlace) -> Bool { place.connection.map { !incomplete.contains($0) } ?? true }

  private func addViolation(of requirement: RequirementID, by role: PeerRole, _ fault: String, at place: RecordPlace) {
    if let number = place.connection, let held = undecided[number] {
      guard held.violations.count < Undecided.violationLimit else { return }
      undecided[number]?.violations.append((requirement, role, fault, place))
      return
    }
    let isProven = isProven(place)
    let key = Key(role: role, requirement: requirement)
    var entry = entries[key] ?? Entry(role: role, requirement: requirement)
    entry.violations += 1
    let isFirstProof = isProven && !entry.isProven
    let number = place.connection ?? 0
    let isWanted = isProven && entry.proofs.count < Entry.proofLimit && entry.proofs[number] == nil
    if entry.evidence == nil || isWanted {
      var text = place.connection.map { "connection \($0)" } ?? "the capture"
      if let packets = place.packets { text += ", packet \(packets.upperBound)" }
      text += fault
      if isWanted { entry.proofs[number] = text }
      if entry.evidence == nil || isFirstProof { entry.evidence = text }
    }
    entries[key] = entry
  }

  package func summary(_ record: SummaryRecord, at place: RecordPlace) { summary = record }

  private func count(_ occasion: RuleOccasion, _ role: PeerRole) { occasions[Self.index(occasion, role)] += 1 }

  private func count(_ occasion: RuleOccasion, _ role: PeerRole, _ place: RecordPlace) {
    guard let number = place.connection, undecided[number] != nil else { return count(occasion, role) }
    if let index = undecided[number]?.occasions.firstIndex(where: { $0.occasion == occasion && $0.role == role }) {
      undecided[number]?.occasions[index].count += 1
    } else {
      undecided[number]?.occasions.append((occasion, role, 1))
    }
  }

  private func countKept(_ rule: RequirementID, _ role: PeerRole, _ place: RecordPlace) {
    if let number = place.connection, undecided[number] != nil {
      undecided[number]?.kept[Key(role: role, requirement: rule), default: 0] += 1
      return
    }
    entries[Key(role: role, requirement: rule), default: Entry(role: role, requirement: rule)].occasions += 1
  }

  /// It is known whether a connection speaks the protocol: what it showed so far counts now, or never.
  private func decide(_ place: RecordPlace, isForeign: Bool) {
    guard let number = place.connection, let held = undecided.removeValue(forKey: number), !isForeign else { return }
    for each in held.occasions { occasions[Self.index(each.occasion, each.role)] += each.count }
    for (key, count) in held.kept {
      entries[key, default: Entry(role: key.role, requirement: key.requirement)].occasions += count
    }
    for each in held.violations { addViolation(of: each.rule, by: each.role, each.fault, at: each.place) }
    for each in held.judged where isProven(each.place) { violated?(each.rule, each.place) }
  }
}
