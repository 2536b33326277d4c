import Negotiation
import ReferencePeer
import Specification
import WebSocketCodec

extension CaseExecution {
  /// Ends a connection politely: a close frame where there is someone to read it, then TCP.
  func leave(_ connection: ScriptConnection) {
    let says = connection.withState { state -> Bool in
      defer { state.hasSentClose = true }
      return state.reader.isOpen && !state.hasSentClose && !state.isEnded
    }
    if says {
      var bytes: [UInt8] = []
      RawFrame(
        opcode: WebSocketOpcode.close.rawValue, maskingKey: connection.maskingKey(),
        payload: CloseBody(code: 1000).encoded()
      ).append(to: &bytes)
      connection.send(bytes)
    }
    connection.end()
  }

  /// Why the peer does not take a new connection and answer on it at all, rightly or wrongly; nil: it does. A peer that
  /// answers wrongly still serves: what is wrong about it is the verdict of a case.
  func lackOfService(_ start: StepBranch) async -> String? {
    var branch = start
    branch.isAlternative = true
    branch.roundTrip = settings.roundTrip
    var spec = ConnectSpec()
    let name = "service\(nextNumber())"
    spec.name = ScriptTemplate(literal: name, at: .start)
    spec.answer = .any
    defer { if let connection = connection(named: name) { leave(connection) } }
    do {
      try await open(spec, step: .engine("connect"), &branch)
      branch.connection = name
      return try await lackOfAnswer(step: .engine("echo"), branch)
    } catch StepInterruption.unmet(let unmet) {
      guard unmet.actual == Self.unanswered, let remedy = DialAdvice.remedy(for: .silent) else { return unmet.actual }
      return "\(unmet.actual); \(remedy)"
    } catch StepInterruption.peerGone(let unmet) {
      return unmet.actual
    } catch {
      // Nothing that the peer did.
      return nil
    }
  }

  private func lackOfAnswer(step: ScriptStep, _ branch: StepBranch) async throws -> String? {
    guard let connection = connection(named: branch.connection) else { return nil }
    let response = connection.withState { $0.response }
    if let response, response.head?.status != 101 { return Self.refusal(response) }
    if let exchange = settings.profile.echo ?? settings.profile.oneWay {
      let sn = settings.profile.echo == nil ? 0 : connection.allocateSerialNumber()
      let frame = FrameSpec(
        id: ScriptTemplate(literal: String(exchange.request), at: step.place),
        sn: ScriptTemplate(literal: String(sn), at: step.place),
        payload: .template(ScriptTemplate(literal: freshPayload(), at: step.place)))
      try await send([SendSpec(content: .frame(frame), place: step.place)], step, branch)
    }
    send(.ping, Array(freshPayload().utf8), on: connection)
    let deadline = try deadline(step, default: settings.patience, branch)
    let answered = await wait(on: connection, until: deadline) { state in state.items.count > 0 ? true : nil }
    if answered != nil { return nil }
    let fault = response?.fault.map { ", by an answer that breaks a rule (\($0.reason))" } ?? ""
    return "the upgrade was granted\(fault), but neither a call nor a ping is answered"
  }

  /// An answer that is no 101, and what can be done about it.
  private static func refusal(_ response: ReceivedResponse) -> String {
    guard let head = response.head else { return response.summary }
    var text = "the upgrade was answered with \(response.summary)"
    guard let status = head.status else { return text }
    if (300...399).contains(status), let place = head.text("location") {
      text += " to \(InertText.visible(place, limit: 100))"
    }
    return text + (DialAdvice.remedy(for: .refused(status: status)).map { "; \($0)" } ?? "")
  }

  /// Why the peer does not serve a new connection as it should; nil: it does.
  func lackOfRightService(_ start: StepBranch) async -> String? {
    var branch = start
    branch.isAlternative = true
    branch.roundTrip = settings.roundTrip
    var spec = ConnectSpec()
    let name = "alive\(nextNumber())"
    spec.name = ScriptTemplate(literal: name, at: .start)
    defer { if let connection = connection(named: name) { leave(connection) } }
    do {
      try await open(spec, step: .engine("connect"), &branch)
      branch.connection = name
      try await exchange(step: .engine("echo"), &branch)
      return nil
    } catch StepInterruption.unmet(let unmet) {
      return unmet.actual
    } catch StepInterruption.peerGone(let unmet) {
      return unmet.actual
    } catch {
      return nil
    }
  }
}
