import FrameCodec
import Negotiation
import Specification

/// Writes one connection as a conversation: the client at the left, the server to its right, in the order of the capture, each message
/// with its payload, each answer with the time that it took, and what is wrong where it was found.
package final class DialogueSink: InspectionSink {
  private let lines: ColouredLines
  private let layout: DialogueLayout
  private let payloads: PayloadView
  private let clock: ShownClock
  /// Lines of a payload that are shown; nil: all.
  private let lineLimit: Int?

  /// An answer that waits for the call which it ends, as that comes next.
  private struct Answer {
    var sn: UInt32
    var role: PeerRole
    var time: Int64?
    var heading: String
    /// What follows in it behind the time that the call took.
    var notes: String
    var body: [String]
  }

  private var answer: Answer?
  private var hasTitle = false
  /// When the latest turn was; a long pause is said.
  private var latest: Int64?

  private static let longPause: Int64 = 1_000_000_000
  private static let usualLines = 24

  /// - Parameter isFull: Whether payloads are shown whole, however long.
  init(
    output: OutputBuffer, usesColour: Bool, columns: Int = 80, isFull: Bool = false,
    payloads: PayloadView = PayloadView(), clock: ShownClock = .utc
  ) {
    lines = ColouredLines(output: output, usesColour: usesColour)
    layout = DialogueLayout(lines: lines, columns: columns, clock: clock)
    self.payloads = payloads
    self.clock = clock
    lineLimit = isFull || payloads.form != .auto ? nil : Self.usualLines
  }

  package func flush() {
    release()
    lines.output.flush()
  }

  // MARK: The connection

  package func connection(_ record: ConnectionRecord, at place: RecordPlace) {
    release()
    if !hasTitle { title(record, place) }
    if record.handshake == nil, record.status == nil {
      return remark("the upgrade was not captured", time: nil)
    }
    pause(before: record.requestTime ?? place.time)
    if let handshake = record.handshake {
      let path = TerminalText.escaped(handshake.path)
      turn(.client, record.requestTime, "asks for the upgrade: \(path)", body: metadata(of: record, handshake.metadata))
    }
    if let status = record.status {
      var body: [String] = []
      if let compression = record.compression {
        TerminalText.fold(TerminalText.escaped(compression), to: layout.room(of: .server)) { body.append($0) }
      }
      turn(.server, record.answerTime, status == 101 ? "upgrades (101)" : "refuses the upgrade: \(status)", body: body)
    }
  }

  private func title(_ record: ConnectionRecord, _ place: RecordPlace) {
    hasTitle = true
    let day = place.time.map { " on \(clock.date($0)) (\(clock.name))" } ?? ""
    layout.title("connection \(place.connection ?? 0)\(day)", .bold)
    layout.turn(.client, time: nil, mark: ">", "client \(TerminalText.escaped(record.client))", .client)
    layout.turn(.server, time: nil, mark: "<", "server \(TerminalText.escaped(record.server))", .server)
    var facts: [String] = []
    if let stated = record.statedClient { facts.append("client stated by a proxy: \(stated)") }
    facts += record.tls?.facts ?? []
    if let revision = record.revision {
      facts.append("revision \(revision.rawValue)" + (record.confidence < 0.995 ? " (likely)" : ""))
    }
    if record.isMidstream { facts.append("began before the capture") }
    if !facts.isEmpty { remark(TerminalText.escaped(facts.joined(separator: ", ")), time: nil) }
  }

  private func metadata(of record: ConnectionRecord, _ metadata: ConnectionMetadata) -> [String] {
    let withSource = record.revision == nil || record.revision == .v1_3_3
    var parts = ["identity \(String(decoding: metadata.identity(withSource: withSource), as: UTF8.self))"]
    if metadata.version != 0 { parts.append("version \(metadata.version)") }
    parts.append("charset \(Charset(rawValue: metadata.charset)?.description ?? String(metadata.charset))")
    return TerminalText.wrap(TerminalText.escaped(parts.joined(separator: ", ")), to: layout.room(of: .client))
  }

  package func end(_ record: ConnectionEndRecord, at place: RecordPlace) {
    release()
    for finish in record.finishes { turn(finish.role, finish.time, "ends its stream", colour: .dim) }
    if record.wasReset { remark("the connection is reset", time: nil) }
  }

  // MARK: Messages

  package func frame(_ record: FrameRecord, payload: RawSpan, at place: RecordPlace) {
    release()
    pause(before: place.time)
    let id = "id \(record.header.protocolId)"
    let sn = record.header.sn.map { $0 == 0 ? "" : ", sn \($0)" } ?? ""
    let heading =
      switch record.kind {
      case .message: "sends \(id)\(sn)"
      case .request: "calls \(id)\(sn)"
      case .response: "answers sn \(record.header.sn ?? 0) with \(id)"
      case .displacement: "displaces the client"
      case .acknowledgement: "acknowledges \(id)\(sn)"
      }
    var notes = ", \(record.payloadLength) B"
    if record.isCompressed { notes += ", compressed" }
    if record.fragments > 1 { notes += ", \(record.fragments) fragments" }
    if record.isTruncated { notes += ", cut when captured" }
    let body = body(of: payload, record)
    guard record.kind == .response || record.kind == .acknowledgement, let sn = record.header.sn, sn != 0 else {
      return turn(record.role, place.time, heading + notes, body: body)
    }
    answer = Answer(sn: sn, role: record.role, time: place.time, heading: heading, notes: notes, body: body)
  }

  private func body(of payload: RawSpan, _ record: FrameRecord) -> [String] {
    let room = layout.room(of: record.role)
    if record.kind == .displacement, let displacement = try? Displacement(decoding: payload) {
      var body: [String] = []
      for (name, address) in [("old", displacement.oldAddress), ("new", displacement.newAddress)] {
        let text = "\(name) address \(TerminalText.escaped(String(decoding: address, as: UTF8.self)))"
        TerminalText.fold(text, to: room) { body.append($0) }
      }
      return body
    }
    let id = record.isTruncated ? nil : record.header.protocolId
    return whole(room) { payloads.readable(payload, protocolId: id, record.charset, columns: room, $0) }
  }

  /// The lines of a payload, cut where there are too many.
  private func whole(_ room: Int, _ write: ((String) -> Void) -> Void) -> [String] {
    var body: [String] = []
    var count = 0
    write { text in
      count += 1
      if count <= lineLimit ?? .max { body.append(text) }
    }
    // One line more is no reason to cut.
    if let lineLimit, count > lineLimit {
      body[lineLimit - 1] = TerminalText.cut("… \(count - lineLimit + 1) more lines (--full)", to: room)
    }
    return body
  }

  package func other(_ record: OtherMessageRecord, payload: RawSpan, at place: RecordPlace) {
    release()
    // What it begins with was a turn of its own, and a finding tells of the rest.
    guard !record.holdsFrame else { return }
    pause(before: place.time)
    let notes = (record.isText ? ", text" : "") + (record.isCompressed ? ", compressed" : "")
    let charset: TextCharset = record.isText ? .utf8 : .unknown
    let room = layout.room(of: record.role)
    turn(
      record.role, place.time, "sends a message that is no frame, \(payload.byteCount) B\(notes)",
      body: whole(room) { payloads.readable(payload, protocolId: nil, charset, columns: room, $0) })
  }

  package func control(_ record: ControlRecord, at place: RecordPlace) {
    release()
    pause(before: place.time)
    var heading: String
    switch record.opcode {
    case .ping: heading = "pings"
    case .pong: heading = "pongs"
    case .close: heading = record.code.map { "closes with \($0)" } ?? "closes"
    }
    let shown = record.opcode == .close && record.code != nil ? record.reason : record.payload
    if !shown.isEmpty {
      let room = layout.room(of: record.role) - heading.count - 2
      heading += ": " + RecordText.excerpt(shown.span.bytes, .utf8, columns: max(10, room))
    }
    turn(record.role, place.time, heading, colour: .dim)
  }

  package func call(_ record: CallRecord, at place: RecordPlace) {
    if let answer, answer.sn == record.sn, answer.role == record.role.peer, record.outcome == .answered {
      self.answer?.heading += record.latency.map { " after \(DurationText.of(nanoseconds: $0))" } ?? ""
      return release()
    }
    release()
    let name = "sn \(record.sn) (id \(record.requestId), \(clock.timeOfDay(record.began)))"
    let outcome =
      switch record.outcome {
      case .answered:
        "\(name) was answered" + (record.latency.map { " after \(DurationText.of(nanoseconds: $0))" } ?? "")
      case .unanswered: "\(name) has no answer in the capture"
      case .connectionClosed: "\(name) has no answer: the connection ended first"
      }
    layout.turn(record.role, time: place.time, mark: "=", outcome, .dim)
  }

  // MARK: Findings and the end

  package func finding(_ record: FindingRecord, at place: RecordPlace) {
    release()
    var text = "\(record.id): \(TerminalText.escaped(record.message))"
    if let requirement = record.requirement { text += " (\(record.level ?? "") \(requirement))" }
    layout.turn(record.role, time: place.time, mark: "!", text, record.level == "MUST" ? .violation : .finding)
  }

  package func summary(_ record: SummaryRecord, at place: RecordPlace) {
    release()
    layout.title(record.text, .bold)
  }

  // MARK: Turns

  /// Writes the answer that waits.
  private func release() {
    guard let answer else { return }
    self.answer = nil
    turn(answer.role, answer.time, answer.heading + answer.notes, body: answer.body)
  }

  private func turn(
    _ role: PeerRole, _ time: Int64?, _ heading: String, body: [String] = [], colour: ColouredLines.Colour? = nil
  ) {
    layout.turn(
      role, time: time, mark: role == .client ? ">" : "<", heading, colour ?? (role == .client ? .client : .server),
      body: body)
    if let time { latest = max(latest ?? time, time) }
  }

  private func remark(_ text: String, time: Int64?) { layout.turn(nil, time: time, mark: " ", text, .dim) }

  /// Says that nothing happened for long.
  private func pause(before time: Int64?) {
    guard let time, let latest else { return }
    let (pause, overflow) = time.subtractingReportingOverflow(latest)
    guard !overflow, pause >= Self.longPause else { return }
    remark("… \(DurationText.of(nanoseconds: pause)) later", time: nil)
  }
}
