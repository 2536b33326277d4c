import FoundationEssentials
import StrictJSON
import SystemCrypto

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
    var whole: (count: Int64, digest: String)?
    if case .equal(let source) = pattern.payload {
      let bytes = try builder.bytes(source)
      var hash = SHA256()
      hash.update(bytes)
      whole = (Int64(bytes.count), Bytes(hash.digest()).hex)
    }
    let told = whole
    let error = try pattern.error.map { (pattern) throws(ScriptRuntimeError) in try text(pattern) }
    return ResolvedPattern { item in
      guard case .frame(let frame) = item.content, frame.id == id, frame.sn ?? 0 == 0,
        let report = try? JSONParser.parse(frame.payload), report["seq"]?.intValue == number
      else { return false }
      if let isDone, report["ok"]?.boolValue != (isDone == "true") { return false }
      if let value = report["sn"]?.intValue, !sn(value) { return false }
      if let payload {
        // A payload that does not fit into a report as digits is told by its length and its digest.
        if let digits = report["payload"]?.stringValue {
          guard let bytes = HexDigits.bytes(of: digits), payload(bytes) else { return false }
        } else if let digest = report["sha256"]?.stringValue, let whole = told {
          guard digest.lowercased() == whole.digest, report["length"]?.intValue ?? whole.count == whole.count else {
            return false
          }
        } else {
          return false
        }
      }
      return error?(report["error"]?.stringValue) ?? true
    }
  }
}
