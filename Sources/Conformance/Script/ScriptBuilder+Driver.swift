import Specification

/// The steps by which a client is driven.
extension ScriptBuilder {
  /// An order.
  func order(_ node: ScriptNode) throws(ScriptFault) -> OrderSpec {
    let word = node["do"]?.text ?? node.text
    var spec = OrderSpec(action: word.flatMap(OrderSpec.Action.init(rawValue:)) ?? .call)
    spec.number = try template(node, "seq")
    spec.id = try template(node, "id")
    spec.payload = try bytes(node, "payload")
    spec.timeout = try template(node, "timeoutMs")
    if let name = node["as"] { spec.name = try variableName(name) } else { define(spec.name) }
    return spec
  }

  /// A call that the client is told to make, and its answer.
  func exchange(_ node: ScriptNode) throws(ScriptFault) -> ExchangeSpec {
    let answer: SendSpec
    if let node = node["answer"] {
      answer = try send(node, isReply: true)
    } else {
      answer = SendSpec(content: .frame(FrameSpec()), place: node.place)
    }
    return ExchangeSpec(order: try order(node), answer: answer)
  }

  /// What the client reports.
  func report(_ node: ScriptNode) throws(ScriptFault) -> ReportPattern {
    let name = try node["of"].map { (node) throws(ScriptFault) in try literal(node) } ?? OrderSpec.defaultName
    let number = try template(ScriptNode(place: node["of"]?.place ?? node.place, content: .text("$" + name)))
    return ReportPattern(
      number: number, isDone: try template(node, "ok"), sn: try self.number(node, "sn"),
      payload: try bytesPattern(node, "payload"), error: try textPattern(node, "error"))
  }

  /// How often the client may connect.
  func dials(_ node: ScriptNode) throws(ScriptFault) -> DialSpec {
    guard let count = node["is"], let duration = try template(node, "for") else {
      throw fault(node.place, "is and for are missing", "add them")
    }
    return DialSpec(count: try number(count), duration: duration)
  }
}
