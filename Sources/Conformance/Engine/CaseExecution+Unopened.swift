import Specification
import WebSocketCodec

extension CaseExecution {
  /// Sees to it that the client does not take the connection as open, and ends it: what a client in an open connection would
  /// react to goes out, and nothing of that may come back.
  func expectUnopened(_ step: ScriptStep, _ branch: inout StepBranch) async throws {
    let connection = try connection(of: step, branch)
    let payload = Array(freshPayload().utf8)
    send(.ping, payload, on: connection)
    func literal(_ number: Int64) -> ScriptTemplate { ScriptTemplate(literal: String(number), at: step.place) }
    if let echo = settings.profile.echo {
      let frame = FrameSpec(id: literal(echo.request), sn: literal(3), payload: .raw(payload))
      try await send([SendSpec(content: .frame(frame), place: step.place)], step, branch)
    }
    if settings.profile.client.orders.contains(.send) {
      let options = SendSpec(content: .message(.joined([])), place: step.place)
      try await drive(OrderSpec(action: .send, payload: .raw(payload)), options, step, &branch)
    }
    func part(_ verb: ScriptVerb) -> ScriptStep {
      var part = ScriptStep(
        place: step.place, source: ScriptTemplate(literal: "unopened", at: step.place), verb: verb, on: step.on)
      part.duty = step.duty
      return part
    }
    let why = ScriptTemplate(literal: "the client takes the connection as open", at: step.place)
    let open: [ScriptPattern] = [.pong(.equal(.raw(payload))), .frame(ScriptPattern.FramePattern()), .ping(.any)]
    var alternatives = open.map { pattern in
      var alternative = ScriptAlternative(
        grade: .forbidden, steps: [part(.expect(ExpectSpec(patterns: [pattern])))], why: why)
      alternative.duty = step.duty
      return alternative
    }
    var right = ScriptAlternative(grade: .strict, steps: [part(.failed([]))], why: nil)
    right.duty = step.duty
    alternatives.append(right)
    // What a client sends on a connection that it should not have shows that it has it, and nothing more.
    defer { connection.disregardTraffic() }
    try await choose(alternatives, step, &branch)
  }
}
