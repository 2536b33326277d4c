import Glibc
import Specification
package import StrictJSON
import SystemFiles

/// A file of failures that are known: one id a line, with the reason or a link behind `#`. `may-fail` before the id is for
/// what fails now and then.
package struct ExpectedFailures: Hashable, Sendable {
  /// One known failure.
  package struct Entry: Hashable, Sendable {
    /// The id of the case.
    package let id: String

    /// Why it fails; empty where nobody said.
    package let reason: String

    /// Whether it fails now and then only.
    package let mayPass: Bool

    /// The line, from 1.
    package let line: Int
  }

  /// Something that is wrong with the file in the light of a run.
  package struct Stale: Hashable, Sendable, CustomStringConvertible {
    /// The entry.
    package let entry: Entry

    /// What is wrong, for people.
    package let description: String
  }

  /// How messages name the file.
  package let file: String

  /// The entries, in the order of the file.
  package let entries: [Entry]

  /// What stands before an id that fails now and then.
  private static let sometimes = "may-fail"

  /// Lines before the first entry, which are kept when the file is written anew.
  private let preamble: [String]

  /// The ids.
  package var ids: Set<String> { Set(entries.map(\.id)) }

  /// The ids of what fails now and then only.
  package var intermittentIDs: Set<String> { Set(entries.lazy.filter(\.mayPass).map(\.id)) }

  /// What the file says about each id.
  package var expectations: [String: ExpectedFailure] {
    Dictionary(
      entries.map { ($0.id, ExpectedFailure(reason: $0.reason, mayPass: $0.mayPass)) },
      uniquingKeysWith: { first, _ in first })
  }

  /// The ids that are none of a suite's, in the order of the file.
  package func unknownIDs(known: Set<String>) -> [String] { entries.map(\.id).filter { !known.contains($0) } }

  /// No known failures.
  package init(file: String) {
    self.file = file
    entries = []
    preamble = []
  }

  /// Reads the content of a file. Empty lines, and lines that begin with `#`, are skipped.
  ///
  /// - Throws: Lines with more than an id before the `#`, and ids that are there twice.
  package init(_ text: String, file: String) throws(DataFaults) {
    var entries: [Entry] = []
    var preamble: [String] = []
    var faults: [DataFault] = []
    var lines: [String: Int] = [:]
    for (index, line) in text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline).enumerated() {
      let parts = line.split(separator: "#", maxSplits: 1, omittingEmptySubsequences: false)
      var id = Self.trimmed(parts[0])
      guard !id.isEmpty else {
        if entries.isEmpty, !line.isEmpty { preamble.append(String(line)) }
        continue
      }
      let words = id.split(maxSplits: 1) { $0 == " " || $0 == "\t" }
      let mayPass = words.count == 2 && words[0] == Self.sometimes
      if mayPass { id = Self.trimmed(words[1]) }
      let place = "line \(index + 1)"
      if !id.allSatisfy(Self.isOfID) {
        faults.append(
          DataFault(
            file: file, place: place, reason: "\(InertText.visible(id, limit: 100)) is not one id",
            remedy: "write one id a line, may-fail before it where it fails now and then, and the reason behind #"))
      } else if let first = lines[id] {
        faults.append(
          DataFault(
            file: file, place: place, reason: "\(id) is already in line \(first)", remedy: "remove one of the two"))
      } else {
        lines[id] = index + 1
        entries.append(
          Entry(
            id: id, reason: Self.trimmed(parts.count > 1 ? parts[1] : ""), mayPass: mayPass, line: index + 1))
      }
    }
    guard faults.isEmpty else { throw DataFaults(faults) }
    self.file = file
    self.entries = entries
    self.preamble = preamble
  }

  /// The largest file that is read, in bytes.
  private static let maximumSize = 16 << 20

  /// Reads a file.
  package static func load(path: String) throws(DataFaults) -> ExpectedFailures {
    let text: String
    do throws(FileFault) { text = try InputFile.text(path, limit: maximumSize) } catch {
      throw DataFaults(
        error,
        remedy: error.errorNumber == ENOENT
          ? "name one that exists; --update-expected makes it" : "name a list of ids, one a line")
    }
    return try ExpectedFailures(text, file: path)
  }

  /// Whether a character can be part of an id.
  private static func isOfID(_ character: Character) -> Bool {
    character.isASCII && (character.isLetter || character.isNumber || ".-_".contains(character))
  }

  private static func trimmed(_ text: some StringProtocol) -> String {
    let isSpace = { (character: Character) in character == " " || character == "\t" }
    let rest = text.drop(while: isSpace)
    return String(rest.reversed().drop(while: isSpace).reversed())
  }

  /// Whether a record is a failure that the file knows.
  package func knows(_ record: CaseRecord, isStrict: Bool) -> Bool {
    record.isFailure(isStrict: isStrict) && ids.contains(record.id)
  }

  /// Entries that are no longer right: a case that was run and does not fail, unless it may, or an id that no case has. What
  /// was not run, or does not apply to the peer, says nothing.
  package func stale(_ records: [CaseRecord], known: Set<String>, isStrict: Bool) -> [Stale] {
    let verdicts = Dictionary(records.map { ($0.id, $0) }, uniquingKeysWith: { first, _ in first })
    return entries.compactMap { entry in
      guard known.contains(entry.id) else {
        return Stale(
          entry: entry, description: "\(file):\(entry.line): no case has the id \(entry.id); remove the line")
      }
      guard var record = verdicts[entry.id] else { return nil }
      record.expectedFailure = ExpectedFailure(reason: entry.reason, mayPass: entry.mayPass)
      guard record.hasStaleExpectation(isStrict: isStrict) else { return nil }
      return Stale(
        entry: entry,
        description:
          "\(file):\(entry.line): \(entry.id) was expected to fail and came out as \(record.verdict); remove the line")
    }
  }

  /// The content of a file that expects exactly what a whole run came to. Reasons that were there are kept; entries of
  /// cases that were not run stay, and so do those of cases that fail now and then.
  package func updated(_ records: [CaseRecord], known: Set<String>, isStrict: Bool) -> String {
    let verdicts = Dictionary(records.map { ($0.id, $0) }, uniquingKeysWith: { first, _ in first })
    let old = ids
    let kept = entries.filter { entry in
      guard known.contains(entry.id) else { return false }
      guard let record = verdicts[entry.id] else { return true }
      return entry.mayPass || record.verdict == .notApplicable || record.isFailure(isStrict: isStrict)
    }
    let new = records.filter { $0.isFailure(isStrict: isStrict) && !old.contains($0.id) }
    var lines = preamble
    if !preamble.isEmpty { lines.append("") }
    for entry in kept {
      lines.append(Self.line(entry.mayPass ? "\(Self.sometimes) \(entry.id)" : entry.id, entry.reason))
    }
    for record in new { lines.append(Self.line(record.id, record.reason ?? record.verdict.rawValue)) }
    return lines.map { $0 + "\n" }.joined()
  }

  private static func line(_ id: String, _ reason: String) -> String {
    reason.isEmpty ? id : "\(id)  # \(InertText.abridged(InertText.whole(reason), to: 160))"
  }
}
