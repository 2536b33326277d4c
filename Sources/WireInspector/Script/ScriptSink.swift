import FrameCodec
import Negotiation
import Specification

/// A connection as a script for the scripted peer (docs/scripts.md): what one side sent is sent, and what the other sent is expected.
///
/// A client's script is a list of steps. A server's has a rule for each thing that the client sent, because what no rule or step waits for is
/// lost to it. A serial number that the other side chose becomes a variable where it is needed; so does the user id, which is new in each run.
/// Times become waits before what this side sent, relative to what it followed. What both sides do by themselves is left out:
/// pongs, and answers to a close frame.
package final class ScriptSink: InspectionSink {
  /// The side that the script plays.
  package enum Side: String, CaseIterable, Sendable {
    case client, server

    var role: PeerRole { self == .client ? .client : .server }
  }

  /// What the script does about something: of a client's there is one, from the opening of the connection on.
  private struct Rule {
    /// What it is about; nil: the opening of the connection.
    var trigger: String?
    var steps: [String] = []
    /// When the last of it happened.
    var last: Int64?
  }

  /// A script with more is no test.
  private static let stepLimit = 20_000
  private static let byteLimit = 64 << 20
  /// Shorter pauses are left to the peers, in nanoseconds.
  private static let shortestWait: Int64 = 10_000_000

  private let side: Side
  private let number: Int
  private let output: OutputBuffer
  private var record: ConnectionRecord?
  private var rules = [Rule()]
  /// Of a server: the rules of the client's calls that wait for an answer, by their numbers.
  private var calls: [UInt32: Int] = [:]
  private var stepCount = 0
  private var bytes = 0
  private var isCut = false
  private var began: Int64?
  private var ended: Int64?
  /// The numbers of this side's calls.
  private var asked: Set<UInt32> = []
  /// Of a client: variables for the numbers of the server's calls.
  private var variables: [UInt32: String] = [:]
  private var variableCount = 0
  /// Pings of this side that wait for their pongs.
  private var pings: [[UInt8]] = []
  private var isCompressed = false
  private var hasLoss = false
  private var closedBy: PeerRole?
  private var resetBy: PeerRole?
  private var isDisplaced = false
  /// Whether the other side sent what is no frame.
  private var breaksRules = false
  /// Where the frame that was sent last by this side stands.
  private var lastFrame: (rule: Int, step: Int)?
  private var notes: Set<String> = []
  /// Whether there is a script: not of a connection that is not there, or is of another kind.
  private(set) var isWritten = false

  init(side: Side, connection: Int, output: OutputBuffer) {
    self.side = side
    number = connection
    self.output = output
  }

  // MARK: What was recorded

  package func connection(_ record: ConnectionRecord, at place: RecordPlace) {
    self.record = record
    began = began ?? place.time
    rules[0].last = rules[0].last ?? place.time
  }

  package func frame(_ record: FrameRecord, payload: RawSpan, at place: RecordPlace) {
    guard !record.isTruncated else { return note("frames that were cut when captured are left out") }
    let payload = payload.withUnsafeBytes { Array($0) }
    isCompressed = isCompressed || record.isCompressed
    if record.kind == .displacement { return displacement(payload, at: place) }
    let value = ScriptText.value(payload, record.charset)
    let sn = record.header.sn ?? 0
    if record.role == side.role {
      var fields = ["id: \(record.header.protocolId)"]
      var rule: Int?
      if sn != 0 {
        var text = String(sn)
        if record.kind == .response || record.kind == .acknowledgement {
          // The number is the other side's, which chooses it anew.
          rule = calls.removeValue(forKey: sn)
          if rule == nil, variables[sn] == nil, !isWhole { return note(Self.lackOfCalls) }
          text = rule != nil ? "$request.sn" : variables[sn].map { "$\($0)" } ?? text
        }
        fields.append("sn: \(text)")
        if record.kind == .request { asked.insert(sn) }
      }
      if !payload.isEmpty { fields.append("payload: \(value)") }
      fields += webSocket(record.isCompressed, fragments: record.fragments, length: record.wireLength)
      send(fields, in: rule, at: place)
      let index = rule ?? rules.count - 1
      lastFrame = (index, rules[index].steps.count - 1)
    } else {
      var fields = ["id: \(record.header.protocolId)"]
      var save: String?
      let isAnswer = sn != 0 && record.kind != .request
      if isAnswer, !asked.contains(sn), !isWhole { return note(Self.lackOfCalls) }
      if record.kind == .request {
        let usual: UInt32 = side == .client ? 1 : 0
        fields.append("sn: \(sn & 1 != usual ? "nonzero" : usual == 1 ? "odd" : "even")")
        variableCount += 1
        if side == .client {
          save = "sn\(variableCount)"
          variables[sn] = save
        }
      } else if record.header.sn != nil {
        fields.append("sn: \(sn == 0 ? "zero" : String(sn))")
      }
      fields.append("payload: \(value)")
      expect(ScriptText.mapping(fields), save: save, at: place)
      if side == .server, record.kind == .request { calls[sn] = rules.count - 1 }
    }
  }

  package func other(_ record: OtherMessageRecord, payload: RawSpan, at place: RecordPlace) {
    let payload = payload.withUnsafeBytes { Array($0) }
    let isOwn = record.role == side.role
    // A peer takes the frame that it begins with for one that came alone, and says that it did not.
    if record.holdsFrame, !isOwn { return breaksRules = true }
    var fields = ["message: \(ScriptText.value(payload, record.isText ? .utf8 : .unknown))"]
    if record.isText { fields.append("opcode: text") }
    guard isOwn else {
      breaksRules = true
      return expect(ScriptText.mapping(fields), save: nil, at: place)
    }
    fields += webSocket(record.isCompressed, fragments: record.fragments, length: record.wireLength)
    // The frame that it begins with has been a step: the message stands for it.
    if record.holdsFrame { return replaceLastFrame(by: fields) }
    send(fields, in: nil, at: place)
  }

  package func control(_ record: ControlRecord, at place: RecordPlace) {
    let isOwn = record.role == side.role
    let payload = ScriptText.value(record.payload, .utf8)
    switch record.opcode {
    case .ping where isOwn:
      pings.append(record.payload)
      send(["message: \(payload)", "opcode: ping"], in: nil, at: place)
    case .pong where !isOwn:
      guard let index = pings.firstIndex(of: record.payload) else { break }
      pings.remove(at: index)
      expect("{pong: \(payload)}", save: nil, at: place)
    case .ping, .pong: break
    case .close:
      guard closedBy == nil, !isDisplaced else { break }
      defer { closedBy = record.role }
      var code = record.code.map(String.init)
      guard isOwn else {
        // Whoever said no code may say one elsewhere.
        return expect("{close: \(code ?? "any")}", save: nil, at: place)
      }
      if let number = code, !record.reason.isEmpty {
        code = "{code: \(number), reason: \(ScriptText.quoted(String(decoding: record.reason, as: UTF8.self)))}"
      } else if code == nil, !record.payload.isEmpty {
        code = "{body: \(ScriptText.value(record.payload, .unknown))}"
      }
      add("close" + (code.map { ": \($0)" } ?? ""), in: nil, at: place)
    }
  }

  package func call(_ record: CallRecord, at place: RecordPlace) {}

  /// A stream of bytes that ends without a close frame.
  package func end(_ record: ConnectionEndRecord, at place: RecordPlace) {
    guard closedBy == nil, !isDisplaced, self.record?.status ?? 101 == 101 else { return }
    let finish = record.finishes.first
    guard let role = finish?.role ?? resetBy else { return }
    let place = RecordPlace(connection: place.connection, time: finish?.time ?? place.time, packets: nil)
    if role == side.role {
      add(finish == nil ? "reset" : "end", in: nil, at: place)
    } else if side == .client {
      expect("{end: any}", save: nil, at: place)
    }
  }

  package func finding(_ record: FindingRecord, at place: RecordPlace) {
    guard place.connection != nil else { return }
    if record.id == "tcp.rst" { resetBy = resetBy ?? record.role }
    if ["tcp.gap", "ws.truncated-message", "ws.deflate-context-lost", "ws.inflate-error"].contains(record.id) {
      hasLoss = true
      note("the conversation is not whole (\(record.id)): what is missing is left out")
    } else if record.id.hasPrefix("ws."), record.level == "MUST" {
      note("a frame that breaks a rule of WebSocket (\(record.id)) is sent as it should have been, if at all")
    }
  }

  private func displacement(_ payload: [UInt8], at place: RecordPlace) {
    isDisplaced = true
    guard side == .server else {
      // Another connection with this identity makes the server say so.
      add("connect: \(ScriptText.mapping(["as: newcomer", "uid: $uid"] + connectFields))", in: nil, at: place)
      return add("expect: [displacement, closed]\nordered: true", in: nil, at: place)
    }
    let address = (try? Displacement(decoding: payload.span.bytes)).map {
      String(decoding: $0.newAddress, as: UTF8.self)
    }
    add("displace: {new: \(ScriptText.quoted(address ?? ""))}", in: nil, at: place)
  }

  // MARK: Steps

  /// Something that this side sends, in a rule, or in the one of what came last.
  private func send(_ fields: [String], in rule: Int?, at place: RecordPlace) {
    add("send: \(ScriptText.mapping(fields))", in: rule, at: place)
  }

  /// Something that comes from the other side.
  private func expect(_ pattern: String, save: String?, at place: RecordPlace) {
    if closedBy == side.role {
      return note("what came behind this side's close frame is not expected: whether it comes is a matter of time")
    }
    guard side == .client else {
      guard hasRoom(pattern) else { return }
      return rules.append(Rule(trigger: pattern, last: place.time))
    }
    var step = "expect: \(pattern)"
    if let save { step += "\nsave: {\(save): sn}" }
    // Twice as long as it took, where that is longer than any step waits.
    if let gap = gap(0, place), gap > 4_000_000_000 { step += "\nwithin: \(gap / 500_000_000 + 5)s" }
    guard hasRoom(step) else { return }
    rules[0].steps.append(step)
    rules[0].last = place.time ?? rules[0].last
    ended = place.time ?? ended
  }

  private func add(_ step: String, in rule: Int?, at place: RecordPlace) {
    let index = rule ?? rules.count - 1
    guard hasRoom(step) else { return }
    var step = step
    if let gap = gap(index, place), gap >= Self.shortestWait { step = "wait: \(gap / 1_000_000)ms\n\n" + step }
    rules[index].steps.append(step)
    rules[index].last = place.time ?? rules[index].last
    ended = place.time ?? ended
  }

  private func replaceLastFrame(by fields: [String]) {
    guard !isCut, let (rule, step) = lastFrame else { return }
    let wait = rules[rule].steps[step].split(separator: "\n\n").dropLast().map { $0 + "\n\n" }.joined()
    rules[rule].steps[step] = wait + "send: \(ScriptText.mapping(fields))"
  }

  private func hasRoom(_ text: String) -> Bool {
    stepCount += 1
    bytes += text.utf8.count
    isCut = isCut || stepCount > Self.stepLimit || bytes > Self.byteLimit
    return !isCut
  }

  private func gap(_ rule: Int, _ place: RecordPlace) -> Int64? {
    guard let time = place.time, let last = rules[rule].last else { return nil }
    let (gap, overflow) = time.subtractingReportingOverflow(last)
    return overflow ? nil : max(0, gap)
  }

  private static let lackOfCalls = "answers to calls that the capture does not have are left out"

  private func note(_ text: String) { notes.insert(text) }

  /// Whether nothing is known to be missing so far.
  private var isWhole: Bool { record?.handshake != nil && !hasLoss }

  private func webSocket(_ isCompressed: Bool, fragments: Int, length: Int) -> [String] {
    var fields: [String] = []
    if isCompressed { fields.append("compress: \"true\"") }
    if fragments > 1 { fields.append("fragments: {size: \(max(1, (length + fragments - 1) / fragments))}") }
    return fields
  }

  // MARK: The script

  /// The fields of the step `connect`, by what the request said.
  private var connectFields: [String] {
    var fields: [String] = []
    if let metadata = record?.handshake?.metadata {
      var query: [String] = []
      for (name, value) in [("typed", metadata.typed), ("version", metadata.version), ("charset", metadata.charset)]
      where value != 0 { query.append("\(name): \(value)") }
      for (name, value) in [("deviceId", metadata.deviceIdText), ("source", metadata.sourceText)] where !value.isEmpty {
        query.append("\(name): \(ScriptText.quoted(value))")
      }
      if !query.isEmpty { fields.append("query: \(ScriptText.mapping(query))") }
    }
    return fields + agreedFields + (record?.status.map { $0 == 101 ? [] : ["answer: {status: \($0)}"] } ?? [])
  }

  private var agreedFields: [String] {
    var fields: [String] = []
    // The answer that agreed on it may not have been captured.
    if isCompressed || record?.compression?.contains("permessage-deflate") == true { fields.append("deflate: true") }
    if let revision = record?.revision, revision != .current { fields.append("revision: \"\(revision.rawValue)\"") }
    return fields
  }

  package func summary(_ summary: SummaryRecord, at place: RecordPlace) {
    // There is no such connection: no script is better than one in which nothing happens.
    guard record != nil else { return }
    isWritten = true
    var lines = [
      "# A recorded conversation, written by wireproof inspect --export-script (docs/from-capture-to-test.md).",
      "# Plays the \(side.rawValue): wireproof \(side == .client ? "connect URL" : "serve") --script FILE",
    ]
    if let path = record?.handshake?.path {
      note("recorded at the path \(ScriptText.quoted(path)); the URL says which is used now")
    }
    if record?.handshake == nil { note("the upgrade request was not captured: what it said is not in the script") }
    // Behind all that this side sent, also behind its close frame.
    if closedBy == side.role, !isCut { rules[rules.count - 1].steps.append(side == .client ? "expect: closed" : "end") }
    if isCut { note("the conversation is longer than a script may be: this is its beginning") }
    for text in notes.sorted() { lines.append("# \(text.prefix(1).uppercased())\(text.dropFirst()).") }
    lines += side == .client ? clientScript() : serverScript()
    output.text(lines.joined(separator: "\n") + "\n")
  }

  /// Steps as elements of a list, whose lines after the first are modifiers; an empty line parts two steps.
  private static func listed(_ steps: [String], indent: String) -> [String] {
    steps.flatMap { $0.split(separator: "\n\n") }.map { step in
      "\(indent)- " + step.replacing("\n", with: "\n\(indent)  ")
    }
  }

  private func clientScript() -> [String] {
    var lines = ["title: connection \(number) of a capture"]
    if !connectFields.isEmpty { lines.append("connect: \(ScriptText.mapping(connectFields))") }
    if let began, let ended, ended - began > 20_000_000_000 {
      lines.append("timeout: \((ended - began) / 500_000_000 + 60)s")
    }
    lines.append("steps:")
    return lines + Self.listed(rules[0].steps.isEmpty ? ["note: nothing was said"] : rules[0].steps, indent: "  ")
  }

  private func serverScript() -> [String] {
    var lines = ["role: server", "title: connection \(number) of a capture"]
    let refusal = record?.status.map { $0 == 101 ? [] : ["status: \($0)"] } ?? []
    if !(refusal + agreedFields).isEmpty { lines.append("accept: \(ScriptText.mapping(refusal + agreedFields))") }
    lines.append("rules:")
    if breaksRules { lines.append("  - {on: violation, do: [{note: as recorded}]}") }
    for rule in rules where rule.trigger != nil || !rule.steps.isEmpty || rules.count == 1 {
      lines.append("  - on: \(rule.trigger ?? "open")")
      if let trigger = rule.trigger {
        lines.append("    times: 1")
        // A connection that only looks whether somebody listens is closed too.
        if !trigger.hasPrefix("{close:") { lines.append("    expected: 1") }
      }
      guard !rule.steps.isEmpty else {
        lines.append("    do: [{note: nothing follows}]")
        continue
      }
      lines.append("    do:")
      lines += Self.listed(rule.steps, indent: "      ")
    }
    return lines
  }
}
