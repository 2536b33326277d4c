import Specification

extension ScriptBuilder {
  /// What a number has to be.
  func number(_ node: ScriptNode) throws(ScriptFault) -> NumberPattern {
    switch node.content {
    case .list: return .oneOf(try templates(node))
    case .mapping:
      if let other = node["not"] { return .not(try number(other)) }
      let pattern = NumberPattern.range(min: try template(node, "min"), max: try template(node, "max"))
      if node["min"] == nil, node["max"] == nil { throw fault(node.place, "an empty range", "give min, max or not") }
      return pattern
    default:
      switch node.text {
      case "any": return .any
      case "zero": return .zero
      case "nonzero": return .nonzero
      case "even": return .even
      case "odd": return .odd
      default: return .oneOf([try template(node)])
      }
    }
  }

  /// What the number of a key has to be, where the key is there.
  func number(_ node: ScriptNode, _ key: String) throws(ScriptFault) -> NumberPattern? {
    guard let value = node[key] else { return nil }
    return try number(value)
  }

  /// What a text has to be.
  func textPattern(_ node: ScriptNode) throws(ScriptFault) -> TextPattern {
    switch node.content {
    case .list: return .oneOf(try templates(node))
    case .mapping:
      if let part = try template(node, "contains") { return .contains(part) }
      if let part = try template(node, "prefix") { return .prefix(part) }
      if let other = node["not"] { return .not(try textPattern(other)) }
      throw fault(node.place, "an empty pattern", "give contains, prefix or not")
    default:
      switch node.text {
      case "any": return .any
      case "none": return .absent
      default: return .oneOf([try template(node)])
      }
    }
  }

  /// What the text of a key has to be, where the key is there.
  func textPattern(_ node: ScriptNode, _ key: String) throws(ScriptFault) -> TextPattern? {
    guard let value = node[key] else { return nil }
    return try textPattern(value)
  }

  /// What bytes have to be. `any` is anything.
  func bytesPattern(_ node: ScriptNode) throws(ScriptFault) -> BytesPattern {
    if node.text == "any" { return .any }
    guard node.entries != nil else { return .equal(try bytes(node)) }
    if let value = node["contains"] { return .contains(try bytes(value)) }
    if let value = node["prefix"] { return .prefix(try bytes(value)) }
    if let value = node["suffix"] { return .suffix(try bytes(value)) }
    if let value = node["echo"] { return .echo(try bytes(value)) }
    if let value = node["json"] { return .json(try jsonMembers(value)) }
    if let value = node["not"] { return .not(try bytesPattern(value)) }
    if let value = node["any"] {
      var patterns: [BytesPattern] = []
      for element in value.elements { patterns.append(try bytesPattern(element)) }
      return .anyOf(patterns)
    }
    return .equal(try bytes(node))
  }

  /// What the bytes of a key have to be, where the key is there.
  func bytesPattern(_ node: ScriptNode, _ key: String) throws(ScriptFault) -> BytesPattern? {
    guard let value = node[key] else { return nil }
    return try bytesPattern(value)
  }

  private func jsonMembers(_ node: ScriptNode) throws(ScriptFault) -> [ScriptNode.Entry] {
    try noteReferences(node)
    return node.entries ?? []
  }

  private func noteReferences(_ node: ScriptNode) throws(ScriptFault) {
    switch node.content {
    case .null: break
    case .text: _ = try template(node)
    case .list(let elements): for element in elements { try noteReferences(element) }
    case .mapping(let entries): for entry in entries { try noteReferences(entry.value) }
    }
  }

  /// What a frame has to be.
  func framePattern(_ node: ScriptNode) throws(ScriptFault) -> ScriptPattern.FramePattern {
    var pattern = ScriptPattern.FramePattern(
      id: try number(node, "id"), sn: try number(node, "sn"), payload: try bytesPattern(node, "payload"),
      size: try number(node, "size"), length: try number(node, "length"))
    if let form = node["ws"] {
      pattern.form = MessageFormPattern(
        opcode: try template(form, "opcode"), compressed: try template(form, "compressed"),
        fragments: try number(form, "fragments"), minimal: try template(form, "minimal"))
    }
    return pattern
  }

  private static let frameKeys: Set<String> = ["id", "sn", "payload", "size", "length", "ws"]

  /// What a peer has to do.
  func pattern(_ node: ScriptNode) throws(ScriptFault) -> ScriptPattern {
    switch node.text {
    case "displacement": return .displacement(old: nil, new: nil, timestamp: nil)
    case "closed": return .closed
    case "clean": return .clean
    case "violation": return .violation
    case nil: break
    default: return .frame(try framePattern(node))
    }
    let kinds = ["ping", "pong", "close", "end", "displacement", "message", "report"]
    guard let entry = node.entries?.first(where: { kinds.contains($0.key) }) else {
      return .frame(try framePattern(node))
    }
    _ = try only(node, of: kinds, companions: ["message": ["opcode"]])
    switch entry.key {
    case "ping": return .ping(try bytesPattern(entry.value))
    case "pong": return .pong(try bytesPattern(entry.value))
    case "close": return .close(try closeCodes(entry.value))
    case "report": return .report(try report(entry.value))
    case "end":
      guard let kind = entry.value.text, ["any", "fin", "reset"].contains(kind) else {
        throw fault(entry.value.place, "this end of TCP is not known", "write any, fin or reset")
      }
      return .end(kind)
    case "displacement":
      return .displacement(
        old: try textPattern(entry.value, "old"), new: try textPattern(entry.value, "new"),
        timestamp: try template(entry.value, "ts"))
    default: return .message(try bytesPattern(entry.value), opcode: try template(node, "opcode"))
    }
  }

  /// One or more things that a peer has to do.
  func patterns(_ node: ScriptNode) throws(ScriptFault) -> [ScriptPattern] {
    var patterns: [ScriptPattern] = []
    for element in node.elements { patterns.append(try pattern(element)) }
    return patterns
  }

  /// Close codes, nil standing for an empty body; nil for any.
  func closeCodes(_ node: ScriptNode) throws(ScriptFault) -> [ScriptTemplate?]? {
    if node.text == "any" || node.isNull { return nil }
    var codes: [ScriptTemplate?] = []
    for element in node.elements { codes.append(element.text == "none" ? nil : try template(element)) }
    return codes
  }

  /// What an answer to an upgrade has to be.
  func response(_ node: ScriptNode) throws(ScriptFault) -> ResponsePattern {
    var pattern = ResponsePattern(
      status: try number(node, "status"), headers: try headerPatterns(node["headers"]),
      body: try bytesPattern(node, "body"), extensions: try textPattern(node, "extensions"),
      subprotocol: try textPattern(node, "protocol"))
    if let members = node["json"] { pattern.body = .json(try jsonMembers(members)) }
    if let deflate = node["deflate"] { pattern.deflate = try deflateAnswer(deflate) }
    return pattern
  }

  /// Fields, or parameters of a query, and what they have to be.
  func headerPatterns(_ node: ScriptNode?) throws(ScriptFault) -> [ResponsePattern.HeaderPattern] {
    var patterns: [ResponsePattern.HeaderPattern] = []
    for entry in node?.entries ?? [] {
      patterns.append(ResponsePattern.HeaderPattern(name: entry.key, value: try textPattern(entry.value)))
    }
    return patterns
  }

  private static let deflateParameters: Set<String> = [
    "server_no_context_takeover", "client_no_context_takeover", "server_max_window_bits", "client_max_window_bits",
  ]

  private func deflateAnswer(_ node: ScriptNode) throws(ScriptFault) -> DeflateAnswerPattern {
    if node.text == "none" { return .absent }
    var parameters: [DeflateAnswerPattern.Parameter] = []
    for entry in node.entries ?? [] {
      guard Self.deflateParameters.contains(entry.key) else {
        throw fault(
          entry.place, "permessage-deflate has no parameter \(InertText.whole(entry.key))",
          "see RFC 7692 section 7.1")
      }
      parameters.append(DeflateAnswerPattern.Parameter(name: entry.key, value: try number(entry.value)))
    }
    return .granted(parameters)
  }

  /// What an upgrade request has to be.
  func requestPattern(_ node: ScriptNode?) throws(ScriptFault) -> RequestPattern? {
    guard let node else { return nil }
    return RequestPattern(
      isAnyAllowed: node.text == "any", method: try textPattern(node, "method"), path: try textPattern(node, "path"),
      headers: try headerPatterns(node["headers"]), query: try headerPatterns(node["query"]),
      protocols: try textPattern(node, "protocols"))
  }
}
