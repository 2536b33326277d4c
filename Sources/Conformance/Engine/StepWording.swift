import Specification

/// What steps expect, in words: for people who do not have the script before them.
struct StepWording {
  private let scope: ScriptScope
  private let builder: WireBuilder

  /// How much is told of a long list.
  private static let told = 6

  /// The wording of steps in a branch.
  init(_ execution: CaseExecution, _ branch: StepBranch, _ connection: ScriptConnection?) {
    scope = execution.scope(branch)
    builder = WireBuilder(execution.context(connection, branch), scope)
  }

  /// The failure of a connection with one of these codes, nil standing for none; empty: any.
  static func failure(_ codes: Set<Int64?>) -> String {
    "the connection to be failed" + (codes.isEmpty ? "" : " with close \(Self.codes(codes))")
  }

  /// Close codes, nil standing for none.
  static func codes(_ codes: Set<Int64?>) -> String {
    codes.map { $0.map(String.init) ?? "none" }.sorted().joined(separator: " or ")
  }

  // MARK: - Steps

  /// What may come: the strict outcomes first, then the weaker ones.
  func text(of alternatives: [ScriptAlternative]) -> String {
    func outcomes(_ grades: Set<ScriptAlternative.Grade>) -> String {
      let texts = alternatives.filter { grades.contains($0.grade) }.map { text(of: $0.steps) }.filter { !$0.isEmpty }
      return Self.list(texts, "or")
    }
    let strict = outcomes([.strict])
    let weaker = outcomes([.lenient, .informational])
    if strict.isEmpty { return weaker.isEmpty ? "a permitted outcome" : weaker }
    return weaker.isEmpty ? strict : "\(strict); or, permitted but weaker: \(weaker)"
  }

  /// What steps expect; empty where they expect nothing.
  func text(of steps: [ScriptStep]) -> String {
    steps.map { text(of: $0) }.filter { !$0.isEmpty }.joined(separator: ", then ")
  }

  private func text(of step: ScriptStep) -> String {
    let words = words(for: step)
    guard !words.isEmpty, let on = step.on, let name = try? on.text(in: scope), name != "main" else { return words }
    return "\(words) (on the connection \(name))"
  }

  private func words(for step: ScriptStep) -> String {
    switch step.verb {
    case .expect(let spec): text(of: spec)
    case .failed(let codes): Self.failure(self.codes(codes))
    case .silence(let spec):
      spec.probes ? "nothing, on a connection that goes on serving" : "nothing more"
    case .response(let pattern): text(of: pattern)
    case .call: "a call that is answered"
    case .ping: "a ping that is answered"
    case .alive: "a peer that goes on serving"
    case .accept: "a connection and its upgrade request"
    case .exchange: "a call that the client makes, and its report of the answer"
    case .unopened: "a client that does not take the connection as open, and ends it"
    case .dials: "so many connections as the step says"
    case .connect(let spec): spec.answer == .refused ? "an upgrade that is refused" : "an upgrade that is granted"
    case .any(let alternatives): text(of: alternatives)
    case .group(let steps): text(of: steps)
    case .repeated(let loop), .parallel(let loop): text(of: loop.steps)
    case .branches(let branches): Self.list(branches.map { text(of: $0) }.filter { !$0.isEmpty }, "and")
    case .tally(_, _, let steps): "so many connections as the tally says with: \(text(of: steps))"
    case .stop(let verdict): verdict == .notApplicable ? "what makes the case not applicable" : ""
    case .assert: (try? step.source.text(in: scope)) ?? "the assertion"
    default: ""
    }
  }

  /// What `expect` expects.
  func text(of spec: ExpectSpec) -> String {
    let texts = spec.patterns.map { text(of: $0) }
    let list = spec.isOrdered ? texts.joined(separator: ", then ") : Self.list(texts, "and")
    guard let count = spec.count, let number = try? count.integer(in: scope) else { return list }
    return "\(number) × \(list)"
  }

  /// What something has to be.
  func text(of pattern: ScriptPattern) -> String {
    switch pattern {
    case .frame(let frame): text(of: frame)
    case .ping(let payload): "a ping" + part(" with", payload)
    case .pong(let payload): "a pong" + part(" with", payload)
    case .close(let codes): codes.map { "close \(Self.codes(self.codes($0)))" } ?? "a close frame"
    case .end("fin"): "the end of TCP (FIN)"
    case .end("reset"): "the end of TCP (RST)"
    case .end: "the end of TCP"
    case .closed: "a close frame or the end of TCP"
    case .clean: "a close frame and the end of TCP"
    case .displacement(let old, let new, _):
      "a displacement" + (old.map { " with old_ip \(text(of: $0))" } ?? "")
        + (new.map { " \(old == nil ? "with" : "and") new_ip \(text(of: $0))" } ?? "")
    case .violation: "a rule that is broken"
    case .report(let report): text(of: report)
    case .message(let bytes, _): "a WebSocket message that is no frame" + part(",", bytes)
    }
  }

  private func text(of report: ReportPattern) -> String {
    var parts: [String] = []
    if let done = report.isDone?.literal { parts.append(done == "true" ? "that it was done" : "that it failed") }
    if let sn = report.sn, let text = text(of: sn) { parts.append("sn \(text)") }
    if let payload = report.payload {
      let text = part("payload", payload)
      if !text.isEmpty { parts.append(text) }
    }
    let number = (try? report.number.text(in: scope)).map { " of order \($0)" } ?? ""
    return "the client's report\(number)" + (parts.isEmpty ? "" : ": \(parts.joined(separator: ", "))")
  }

  private func text(of frame: ScriptPattern.FramePattern) -> String {
    var parts: [String] = []
    for (name, number) in [("id", frame.id), ("sn", frame.sn), ("size", frame.size), ("length", frame.length)] {
      if let number, let text = text(of: number) { parts.append("\(name) \(text)") }
    }
    if let payload = frame.payload {
      let text = part("payload", payload)
      if !text.isEmpty { parts.append(text) }
    }
    if let form = frame.form {
      if let compressed = try? form.compressed?.text(in: scope) {
        parts.append(compressed == "true" ? "compressed" : "not compressed")
      }
      if let fragments = form.fragments, let text = text(of: fragments) { parts.append("fragments \(text)") }
    }
    return "a frame" + (parts.isEmpty ? "" : " with \(parts.joined(separator: ", "))")
  }

  private func codes(_ templates: [ScriptTemplate?]) -> Set<Int64?> {
    Set(templates.map { template in template.flatMap { try? $0.integer(in: scope) } })
  }

  // MARK: - Answers to the upgrade

  /// What an answer to the upgrade has to be.
  func text(of pattern: ResponsePattern) -> String {
    var parts: [String] = []
    if let status = pattern.status, let text = text(of: status) { parts.append("status \(text)") }
    for header in pattern.headers {
      parts.append(header.value == .absent ? "no \(header.name)" : "\(header.name): \(text(of: header.value))")
    }
    if let extensions = pattern.extensions {
      parts.append(extensions == .absent ? "no extension" : "Sec-WebSocket-Extensions: \(text(of: extensions))")
    }
    switch pattern.deflate {
    case nil: break
    case .absent: parts.append("no permessage-deflate")
    case .granted(let parameters):
      let texts = parameters.map { "\($0.name) \(text(of: $0.value) ?? "")" }
      parts.append("permessage-deflate granted" + (texts.isEmpty ? "" : " with \(texts.joined(separator: ", "))"))
    }
    if let subprotocol = pattern.subprotocol {
      parts.append(subprotocol == .absent ? "no subprotocol" : "the subprotocol \(text(of: subprotocol))")
    }
    if let body = pattern.body { parts.append("a body" + part(",", body)) }
    return "an answer to the upgrade" + (parts.isEmpty ? "" : " with \(parts.joined(separator: ", "))")
  }

  // MARK: - Values

  func text(of pattern: NumberPattern) -> String? {
    switch pattern {
    case .any: return nil
    case .zero: return "0"
    case .nonzero: return "other than 0"
    case .even: return "even"
    case .odd: return "odd"
    case .oneOf(let templates):
      let texts = templates.map { (try? $0.text(in: scope)) ?? $0.literal ?? "?" }
      return Self.list(texts, "or")
    case .range(let min, let max):
      let texts = [min.map { "at least " + shown($0) }, max.map { "at most " + shown($0) }].compactMap { $0 }
      return texts.joined(separator: " and ")
    case .not(let other): return text(of: other).map { "other than \($0)" }
    }
  }

  private func text(of pattern: TextPattern) -> String {
    switch pattern {
    case .any: "anything"
    case .absent: "nothing"
    case .oneOf(let templates): Self.list(templates.map { "\"\(shown($0))\"" }, "or")
    case .contains(let template): "something with \"\(shown(template))\" in it"
    case .prefix(let template): "\"\(shown(template))…\""
    case .not(let other): "other than \(text(of: other))"
    }
  }

  private func part(_ word: String, _ pattern: BytesPattern) -> String {
    switch pattern {
    case .any: ""
    case .equal(let bytes): "\(word) \(quoted(bytes))"
    case .echo(let bytes): "\(word) \(quoted(bytes)), the request's"
    case .contains(let bytes): "\(word) something with \(quoted(bytes)) in it"
    case .prefix(let bytes): "\(word) something that begins with \(quoted(bytes))"
    case .suffix(let bytes): "\(word) something that ends with \(quoted(bytes))"
    case .json: "\(word) the members that the script names"
    case .not(let other): part("\(word) other than", other)
    case .anyOf(let patterns): "\(word) " + Self.list(patterns.map { part("", $0) }, "or")
    }
  }

  private func quoted(_ bytes: ScriptBytes) -> String {
    guard let value = try? builder.bytes(bytes) else { return "what the script says" }
    return value.isEmpty ? "nothing" : InboxItem.quoted(value)
  }

  private func shown(_ template: ScriptTemplate) -> String {
    (try? template.text(in: scope)) ?? template.literal ?? "?"
  }

  private static func list(_ texts: [String], _ word: String) -> String {
    var shown = texts
    if shown.count > told { shown = shown.prefix(told - 1) + ["\(texts.count - told + 1) more"] }
    guard let last = shown.last, shown.count > 1 else { return texts.first ?? "" }
    return shown.dropLast().joined(separator: ", ") + " \(word) " + last
  }
}
