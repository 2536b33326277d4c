import FoundationEssentials
import FrameCodec
import Negotiation
import Specification
import StrictJSON
import WebSocketCodec

/// A pattern with its variables filled in: a test of what came.
struct ResolvedPattern: Sendable {
  /// Whether something that came meets the pattern.
  let isMet: @Sendable (InboxItem) -> Bool
}

/// Fills variables into patterns.
struct PatternResolver {
  let scope: ScriptScope
  let builder: WireBuilder
  let profile: PeerProfile
  private let revision: Revision

  /// A resolver for the variables of a step.
  init(_ context: WireContext, _ scope: ScriptScope, profile: PeerProfile) {
    self.scope = scope
    self.profile = profile
    builder = WireBuilder(context, scope)
    revision = context.revision
  }

  /// The tests that a pattern stands for: one, or several that each have to be met.
  func tests(_ pattern: ScriptPattern) throws(ScriptRuntimeError) -> [ResolvedPattern] {
    switch pattern {
    case .clean:
      // A server ends TCP itself once both have closed.
      [try close(nil), ResolvedPattern { if case .end = $0.content { true } else { false } }]
    default: [try resolve(pattern)]
    }
  }

  /// The test of a pattern; of `clean` the first half.
  func resolve(_ pattern: ScriptPattern) throws(ScriptRuntimeError) -> ResolvedPattern {
    switch pattern {
    case .frame(let frame): return try self.frame(frame)
    case .ping(let bytes):
      let test = try self.bytes(bytes)
      return ResolvedPattern { if case .ping(let payload) = $0.content { test(payload) } else { false } }
    case .pong(let bytes):
      let test = try self.bytes(bytes)
      return ResolvedPattern { if case .pong(let payload) = $0.content { test(payload) } else { false } }
    case .close(let codes): return try close(codes)
    case .end(let kind):
      return ResolvedPattern { item in
        guard case .end(let end) = item.content else { return false }
        return switch kind {
        case "fin": end == .fin
        case "reset": end == .reset
        default: end != .local
        }
      }
    case .closed: return ResolvedPattern { $0.isFailure }
    case .clean: return try close(nil)
    case .violation: return ResolvedPattern { $0.isViolation }
    case .displacement(let old, let new, let timestamp): return try displacement(old, new, timestamp)
    case .report(let report): return try self.report(report)
    case .message(let bytes, let opcode):
      let test = try self.bytes(bytes)
      let word = try opcode?.text(in: scope)
      return ResolvedPattern { item in
        guard case .message(let message) = item.content, test(message.bytes) else { return false }
        return word.map { Opcodes.number(of: $0) == message.form.opcode.rawValue } ?? true
      }
    }
  }

  // MARK: - Frames

  /// The test of a frame.
  func frame(_ pattern: ScriptPattern.FramePattern) throws(ScriptRuntimeError) -> ResolvedPattern {
    let id = try number(pattern.id)
    let sn = try number(pattern.sn)
    let size = try number(pattern.size)
    let length = try number(pattern.length)
    let payload = try pattern.payload.map { (pattern) throws(ScriptRuntimeError) in try bytes(pattern) }
    let form = try pattern.form.map { (pattern) throws(ScriptRuntimeError) in try self.form(pattern) }
    let hasNumber = revision.hasSerialNumber
    return ResolvedPattern { item in
      guard case .frame(let frame) = item.content else { return false }
      // A revision without serial numbers meets patterns for one-way messages.
      let number = Int64(frame.sn ?? 0)
      return id(frame.id) && (!hasNumber || sn(number)) && size(Int64(frame.payload.count))
        && length(Int64(frame.length ?? 0)) && payload?(frame.payload) ?? true && form?(frame.form) ?? true
    }
  }

  private func form(
    _ pattern: MessageFormPattern
  ) throws(ScriptRuntimeError) -> @Sendable (MessageForm) -> Bool {
    let opcode = try pattern.opcode?.text(in: scope)
    let compressed = try pattern.compressed?.text(in: scope)
    let fragments = try number(pattern.fragments)
    let minimal = try pattern.minimal?.text(in: scope)
    return { form in
      let isOpcode = opcode.map { Opcodes.number(of: $0) == form.opcode.rawValue } ?? true
      let isCompressed = compressed.map { ($0 == "true") == form.isCompressed } ?? true
      let isMinimal = minimal.map { ($0 == "true") == form.isMinimal } ?? true
      return isOpcode && isCompressed && isMinimal && fragments(Int64(form.fragments))
    }
  }

  private func close(_ codes: [ScriptTemplate?]?) throws(ScriptRuntimeError) -> ResolvedPattern {
    let allowed = try codes.map { (codes) throws(ScriptRuntimeError) in try self.codes(codes) }
    return ResolvedPattern { item in
      guard case .close(let body) = item.content else { return false }
      return allowed.map { $0.contains(body.code.map(Int64.init)) } ?? true
    }
  }

  /// Close codes; nil stands for an empty body.
  func codes(_ templates: [ScriptTemplate?]) throws(ScriptRuntimeError) -> Set<Int64?> {
    var codes: Set<Int64?> = []
    for template in templates {
      codes.insert(try template.map { (template) throws(ScriptRuntimeError) in try template.integer(in: scope) })
    }
    return codes
  }

  private func displacement(
    _ old: TextPattern?, _ new: TextPattern?, _ timestamp: ScriptTemplate?
  ) throws(ScriptRuntimeError) -> ResolvedPattern {
    let oldTest = try text(old ?? .any)
    let newTest = try text(new ?? .any)
    let time = try timestamp?.text(in: scope)
    let place = timestamp?.place ?? .start
    let exact = time.flatMap { ScriptValue.parseInteger($0) }
    if let time, exact == nil, time != "recent", time != "any" {
      throw ScriptRuntimeError("ts is recent or nanoseconds since 1970", at: place)
    }
    let revision = revision
    return ResolvedPattern { item in
      guard case .frame(let frame) = item.content, frame.id == revision.displacementProtocolId, (frame.sn ?? 0) == 0,
        let displacement = try? Displacement(decoding: frame.payload.span.bytes)
      else { return false }
      let oldText = String(decoding: displacement.oldAddress, as: UTF8.self)
      let newText = String(decoding: displacement.newAddress, as: UTF8.self)
      // An absent address is the empty text; only a pattern that asks for it speaks of it.
      guard old == nil || oldTest(oldText), new == nil || newTest(newText) else { return false }
      if let exact { return displacement.timestampNanoseconds == exact }
      guard time == "recent" else { return true }
      let distance = Double(displacement.timestampNanoseconds) / 1_000_000_000 - Date().timeIntervalSince1970
      return abs(distance) < 86_400
    }
  }

  // MARK: - Values

  /// The test of a number.
  func number(_ pattern: NumberPattern?) throws(ScriptRuntimeError) -> @Sendable (Int64) -> Bool {
    switch pattern {
    case nil, .any: return { _ in true }
    case .zero: return { $0 == 0 }
    case .nonzero: return { $0 != 0 }
    case .even: return { $0 % 2 == 0 }
    case .odd: return { $0 % 2 != 0 }
    case .oneOf(let templates):
      var values: Set<Int64> = []
      for template in templates { values.insert(try template.integer(in: scope)) }
      let allowed = values
      return { allowed.contains($0) }
    case .range(let min, let max):
      let lowest = try min?.integer(in: scope) ?? Int64.min
      let highest = try max?.integer(in: scope) ?? Int64.max
      return { $0 >= lowest && $0 <= highest }
    case .not(let other):
      let test = try number(other)
      return { !test($0) }
    }
  }

  /// The test of a text; nil stands for one that is not there.
  func text(_ pattern: TextPattern) throws(ScriptRuntimeError) -> @Sendable (String?) -> Bool {
    switch pattern {
    case .any: return { $0 != nil }
    case .absent: return { $0 == nil }
    case .oneOf(let templates):
      var values: Set<String> = []
      for template in templates { values.insert(try template.text(in: scope)) }
      let allowed = values
      return { $0.map(allowed.contains) ?? allowed.contains("none") }
    case .contains(let template):
      let part = try template.text(in: scope)
      return { $0?.contains(part) == true }
    case .prefix(let template):
      let part = try template.text(in: scope)
      return { $0?.hasPrefix(part) == true }
    case .not(let other):
      let test = try text(other)
      return { !test($0) }
    }
  }

  /// The test of bytes.
  func bytes(_ pattern: BytesPattern) throws(ScriptRuntimeError) -> @Sendable ([UInt8]) -> Bool {
    switch pattern {
    case .any: return { _ in true }
    case .equal(let source):
      let expected = try builder.bytes(source)
      return { $0 == expected }
    case .contains(let source):
      let part = try builder.bytes(source)
      return { $0.firstRange(of: part) != nil || part.isEmpty }
    case .prefix(let source):
      let part = try builder.bytes(source)
      return { $0.starts(with: part) }
    case .suffix(let source):
      let part = try builder.bytes(source)
      return { $0.suffix(part.count).elementsEqual(part) }
    case .echo(let source):
      let expected = try builder.bytes(source)
      guard (profile.echo ?? profile.oneWay)?.mode == .echo else { return { _ in true } }
      return { $0 == expected }
    case .json(let members):
      let expected = try self.members(members)
      return { bytes in (try? JSONParser.parse(bytes)).map { Self.contains($0, expected) } ?? false }
    case .not(let other):
      let test = try bytes(other)
      return { !test($0) }
    case .anyOf(let patterns):
      var tests: [@Sendable ([UInt8]) -> Bool] = []
      for pattern in patterns { tests.append(try bytes(pattern)) }
      let all = tests
      return { bytes in all.contains { $0(bytes) } }
    }
  }

  // MARK: - JSON

  private func members(_ entries: [ScriptNode.Entry]) throws(ScriptRuntimeError) -> JSONValue {
    var object = JSONObject()
    for entry in entries { object[entry.key] = try json(entry.value) }
    return .object(object)
  }

  private func json(_ node: ScriptNode) throws(ScriptRuntimeError) -> JSONValue {
    switch node.content {
    case .null: return .null
    case .list(let elements):
      var values: [JSONValue] = []
      for element in elements { values.append(try json(element)) }
      return .array(values)
    case .mapping(let entries): return try members(entries)
    case .text(let text):
      guard let template = try? ScriptTemplate(text, at: node.place) else { return .string(text) }
      switch try template.value(in: scope) {
      case .integer(let number): return .int(number)
      case .bytes(let bytes): return .hex(bytes)
      case .text("true"): return .bool(true)
      case .text("false"): return .bool(false)
      case .text(let text): return ScriptValue.parseInteger(text).map { .int($0) } ?? .string(text)
      }
    }
  }

  /// Whether a value has everything that is expected of it; numbers and texts that look alike are alike.
  private static func contains(_ value: JSONValue, _ expected: JSONValue) -> Bool {
    switch (value, expected) {
    case (.object(let object), .object(let wanted)):
      wanted.members.allSatisfy { member in object[member.name].map { contains($0, member.value) } ?? false }
    case (.array(let values), .array(let wanted)):
      values.count == wanted.count && zip(values, wanted).allSatisfy { contains($0, $1) }
    case (.string(let text), .int(let number)): ScriptValue.parseInteger(text) == number
    default: value == expected
    }
  }

  // MARK: - Upgrade

  /// Why an answer to an upgrade does not meet a pattern; nil: it does.
  func mismatch(of response: ReceivedResponse, with pattern: ResponsePattern) throws(ScriptRuntimeError) -> String? {
    guard let head = response.head else { return response.summary }
    if let status = pattern.status, try !number(status)(Int64(head.status ?? 0)) {
      return "the status is \(head.status.map(String.init) ?? "missing")"
    }
    for header in pattern.headers where try !isMet(header, by: head) {
      if let reason = try mismatch(of: head.text(header.name), header) { return reason }
    }
    if let extensions = pattern.extensions {
      let header = ResponsePattern.HeaderPattern(name: "Sec-WebSocket-Extensions", value: extensions)
      if let reason = try mismatch(of: head.text(header.name), header) { return reason }
    }
    if let subprotocol = pattern.subprotocol {
      let header = ResponsePattern.HeaderPattern(name: "Sec-WebSocket-Protocol", value: subprotocol)
      if let reason = try mismatch(of: head.text(header.name), header) { return reason }
    }
    if let deflate = pattern.deflate, let reason = try mismatch(of: response, with: deflate) { return reason }
    if let body = pattern.body, try !bytes(body)(response.body) {
      return "the body is \(InboxItem.quoted(response.body))"
    }
    return nil
  }

  /// Whether a field that is written otherwise means what is asked for: names of protocols, media types and connection
  /// options have no case (RFC 9110 sections 7.6.1, 7.8 and 8.3.1), and some fields are lists, of which one element is
  /// asked for.
  private func isMet(_ header: ResponsePattern.HeaderPattern, by head: HTTPMessageHead) throws(ScriptRuntimeError)
    -> Bool
  {
    let elements: [String]
    switch header.name.lowercased() {
    case "upgrade", "connection", "sec-websocket-version":
      elements = head.elements(header.name).map { String(decoding: $0, as: UTF8.self).lowercased() }
    case "content-type": elements = head.text(header.name).map { [$0.lowercased()] } ?? []
    default: return false
    }
    return elements.contains(where: try text(header.value))
  }

  private func mismatch(
    of value: String?, _ header: ResponsePattern.HeaderPattern
  ) throws(ScriptRuntimeError) -> String? {
    if try text(header.value)(value) { return nil }
    guard let value else { return "\(header.name) is missing" }
    return "\(header.name) is \(InboxItem.quoted(Array(value.utf8)))"
  }

  private func mismatch(
    of response: ReceivedResponse, with pattern: DeflateAnswerPattern
  ) throws(ScriptRuntimeError) -> String? {
    let value = response.head?.text("Sec-WebSocket-Extensions")
    guard case .granted(let parameters) = pattern else {
      return value.map { "Sec-WebSocket-Extensions is \(InboxItem.quoted(Array($0.utf8)))" }
    }
    guard let value else { return "Sec-WebSocket-Extensions is missing" }
    guard response.answer?.deflate != nil else {
      return "\(InboxItem.quoted(Array(value.utf8))) does not grant what was offered"
    }
    let words = value.split(separator: ";").map { $0.filter { $0 != " " } }
    for parameter in parameters {
      let word = words.first { $0 == parameter.name || $0.hasPrefix(parameter.name + "=") }
      let number = word.map { word -> Int64 in
        Int64(word.dropFirst(parameter.name.count + 1).filter { $0 != "\"" }) ?? 1
      }
      if try !isMet(parameter.value, by: number) {
        return "\(parameter.name) is \(word.map { InboxItem.quoted(Array($0.utf8)) } ?? "missing")"
      }
    }
    return nil
  }

  private func isMet(_ pattern: NumberPattern, by number: Int64?) throws(ScriptRuntimeError) -> Bool {
    if case .oneOf(let templates) = pattern {
      for template in templates {
        switch try template.text(in: scope) {
        case "true": if number != nil { return true }
        case "false", "none": if number == nil { return true }
        case let text: if number != nil, ScriptValue.parseInteger(text) == number { return true }
        }
      }
      return false
    }
    guard let number else { return false }
    return try self.number(pattern)(number)
  }

  /// Why an upgrade request does not meet a pattern; nil: it does.
  func mismatch(of request: UpgradeRequest, with pattern: RequestPattern) throws(ScriptRuntimeError) -> String? {
    var checks: [(ResponsePattern.HeaderPattern, String?)] = pattern.headers.map { ($0, request.head.text($0.name)) }
    func add(_ name: String, _ value: TextPattern?, _ actual: String?) {
      if let value { checks.append((ResponsePattern.HeaderPattern(name: name, value: value), actual)) }
    }
    add("method", pattern.method, request.head.method)
    add("path", pattern.path, request.path)
    add("protocols", pattern.protocols, request.protocols.isEmpty ? nil : request.protocols.joined(separator: ", "))
    let query = QueryParameters(request.query)
    for parameter in pattern.query {
      checks.append((parameter, query.first(parameter.name).map { String(decoding: $0, as: UTF8.self) }))
    }
    for (header, actual) in checks {
      if let reason = try mismatch(of: actual, header) { return reason }
    }
    return nil
  }
}
