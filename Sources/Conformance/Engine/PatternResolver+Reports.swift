import FoundationEssentials
import StrictJSON

extension PatternResolver {
  /// The test of a report: a one-way message with the driver's id and a JSON object about the order. Members that are not
  /// known are let be; so are an `sn` and a payload that a client cannot tell.
  func report(_ pattern: ReportPattern) throws(ScriptRuntimeError) -> ResolvedPattern {
    guard let id = profile.client.driver?.report else {
      throw ScriptRuntimeError("the client cannot be driven", at: pattern.number.place, kind: .missing("driver"))
    }
    let number = try pattern.number.integer(in: scope)
    let isDone = try pattern.isDone?.text(in: scope)
    let sn = try self.number(pattern.sn)
    let payload = try pattern.payload.map { (pattern) throws(ScriptRuntimeError) in try bytes(pattern) }
    let error = try pattern.error.map { (pattern) throws(ScriptRuntimeError) in try text(pattern) }
    return ResolvedPattern { item in
      guard case .frame(let frame) = item.content, frame.id == id, frame.sn ?? 0 == 0,
        let report = try? JSONParser.parse(frame.payload), report["seq"]?.intValue == number
      else { return false }
      if let isDone, report["ok"]?.boolValue != (isDone == "true") { return false }
      if let value = report["sn"]?.intValue, !sn(value) { return false }
      if let payload {
        guard let digits = report["payload"]?.stringValue, let bytes = HexDigits.bytes(of: digits) else { return false }
        if !payload(bytes) { return false }
      }
      return error?(report["error"]?.stringValue) ?? true
    }
  }
}
