import Specification
package import StrictJSON
import SystemCrypto
import SystemFiles

/// Why a result file cannot be used.
package struct ResultFileError: Error, Hashable, Sendable, CustomStringConvertible {
  /// What is wrong.
  package enum Code: String, Hashable, Sendable {
    case unreadable
    case badLine = "bad-line"
    case noHeader = "no-header"
    case noFooter = "no-footer"
    case wrongCount = "wrong-count"
    case wrongHash = "wrong-hash"
  }

  /// What is wrong.
  package let code: Code

  /// The file.
  package let file: String

  /// The line, from 1; 0 for the whole file.
  package let line: Int

  /// What is wrong, for people, and what to do.
  package let reason: String

  /// Whether the file was cut short rather than wrong.
  package var isIncomplete: Bool { code == .noFooter }

  /// One line: where, what, and what to do.
  package var description: String { line > 0 ? "\(file):\(line): \(reason)" : "\(file): \(reason)" }
}

/// A result file that was read whole and found undamaged.
package struct ResultFile: Sendable {
  /// The first line.
  package let header: JSONValue

  /// The cases, in the order of the file.
  package let cases: [CaseRecord]

  /// The verdicts.
  package var counts: VerdictCounts { VerdictCounts(cases) }

  /// Reads a file strictly: header, cases, footer; the counts and the hash of the footer have to be right.
  package static func load(_ path: String) throws(ResultFileError) -> ResultFile {
    let bytes: [UInt8]
    do throws(FileFault) {
      // A device without end is not read up to the limit to find out that it holds no results.
      bytes = try InputFile.read(path) { $0 == UInt8(ascii: "{") ? nil : "this is no result file" }
    } catch {
      throw ResultFileError(
        code: .unreadable, file: path, line: 0, reason: "\(error.reason); name a file that wireproof wrote")
    }
    return try parse(bytes, file: path)
  }

  /// Reads the content of a file.
  package static func parse(_ bytes: [UInt8], file: String) throws(ResultFileError) -> ResultFile {
    // What an editor or a mail put before the lines and at their ends is none of the file's own, nor of its hash.
    var lines = InputFile.withoutByteOrderMark(bytes)
      .split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
      .map { $0.last == UInt8(ascii: "\r") ? $0.dropLast() : $0 }
    guard let rest = lines.popLast(), rest.isEmpty, !lines.isEmpty else {
      let reason = bytes.isEmpty ? "the file is empty" : "the file ends within a line"
      throw ResultFileError(
        code: .noFooter, file: file, line: lines.count + 1, reason: reason + "; run the command again")
    }
    var header: JSONValue?
    var cases: [CaseRecord] = []
    var hash = SHA256()
    for (index, line) in lines.enumerated() {
      let number = index + 1
      let value = try parseLine(Array(line), file: file, number: number)
      let isLast = number == lines.count
      switch (value["type"]?.stringValue, index) {
      case ("header", 0): header = value
      case (_, 0):
        throw ResultFileError(
          code: .noHeader, file: file, line: 1, reason: "the first line is no header; this is no result file")
      case ("case", _):
        if isLast { break }
        guard let record = CaseRecord(value) else {
          throw ResultFileError(
            code: .badLine, file: file, line: number,
            reason: "this is not the record of a case; the file was changed, run the command again")
        }
        cases.append(record)
      case ("footer", _) where isLast:
        try checkFooter(value, cases: cases, hash: hash, file: file, line: number)
        return ResultFile(header: header ?? .null, cases: cases)
      default:
        throw ResultFileError(
          code: .badLine, file: file, line: number,
          reason: "a line of this type cannot stand here; the file was changed, run the command again")
      }
      hash.update(Array(line) + [UInt8(ascii: "\n")])
    }
    throw ResultFileError(
      code: .noFooter, file: file, line: lines.count,
      reason: "the footer is missing: the run was cut short; run the command again")
  }

  private static func parseLine(_ line: [UInt8], file: String, number: Int) throws(ResultFileError) -> JSONValue {
    do {
      return try JSONParser.parse(line)
    } catch {
      throw ResultFileError(
        code: .badLine, file: file, line: number,
        reason: "column \(error.column): \(error.reason); run the command again")
    }
  }

  private static func checkFooter(
    _ footer: JSONValue, cases: [CaseRecord], hash: borrowing SHA256, file: String, line: Int
  ) throws(ResultFileError) {
    guard footer["cases"] == .number(cases.count), footer["counts"] == VerdictCounts(cases).json else {
      throw ResultFileError(
        code: .wrongCount, file: file, line: line,
        reason: "the footer does not count the \(cases.count) cases of the file; lines were added or removed")
    }
    let digest = Bytes(hash.digest()).hex
    guard footer["sha256"]?.stringValue == digest else {
      throw ResultFileError(
        code: .wrongHash, file: file, line: line,
        reason: "the SHA-256 of the lines is \(digest), not what the footer says; the file was changed after the run")
    }
  }
}

extension CaseRecord {
  /// The record of a line of a result file; nil if it is none.
  package init?(_ value: JSONValue) {
    let names: Set<String> = [
      "type", "id", "requirements", "level", "class", "verdict", "duration", "expected", "actual", "reason",
      "transcript", "step", "runs", "judged", "lacks", "expectedFailure",
    ]
    guard let object = value.objectValue, Set(object.names).isSubset(of: names),
      let id = value["id"]?.stringValue, let requirements = value["requirements"]?.arrayValue,
      let level = value["level"]?.stringValue.flatMap(RequirementLevel.init(rawValue:)),
      let conformanceClass = value["class"]?.stringValue.flatMap(ConformanceClass.init(rawValue:)),
      let verdict = value["verdict"]?.stringValue.flatMap(Verdict.init(rawValue:)),
      let seconds = Self.seconds(value["duration"]), let expected = value["expected"], let actual = value["actual"],
      let transcript = value["transcript"]?.arrayValue
    else { return nil }
    let ids = requirements.compactMap { $0.stringValue.map(RequirementID.init(rawValue:)) }
    guard ids.count == requirements.count else { return nil }
    let runs = value["runs"].map { CaseRuns($0) }
    let expectedFailure = value["expectedFailure"].map { ExpectedFailure($0) }
    if case .some(.none) = runs { return nil }
    if case .some(.none) = expectedFailure { return nil }
    let judged = value["judged"].map { Judgements($0) }
    if case .some(.none) = judged { return nil }
    self.init(
      id: id, requirements: ids, level: level, conformanceClass: conformanceClass, verdict: verdict, seconds: seconds,
      expected: expected, actual: actual, reason: value["reason"]?.stringValue, transcript: transcript,
      step: value["step"]?.stringValue, runs: runs ?? nil, judged: judged ?? nil, lacks: value["lacks"]?.stringValue,
      expectedFailure: expectedFailure ?? nil)
  }

  private static func seconds(_ value: JSONValue?) -> Double? {
    switch value {
    case .int(let seconds): Double(seconds)
    case .decimal(let text): Double(text)
    default: nil
    }
  }
}
