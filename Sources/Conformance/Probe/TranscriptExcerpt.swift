import GoldenVectors
import Specification
package import StrictJSON
import SystemCrypto

/// How much of a transcript goes into a file. An entry with more bytes than that has the first and the last of them, their
/// number and their SHA-256; a capture keeps the rest.
package struct TranscriptExcerpt: Hashable, Sendable {
  /// How many bytes an entry keeps from its beginning and from its end.
  let head: Int
  let tail: Int

  /// How many bytes all entries keep together before each keeps only the fewest.
  let budget: Int

  /// How many entries are kept; of more, those in the middle are left out.
  let entries: Int

  /// How many characters a text keeps.
  private static let text = 4_096

  /// The fewest bytes that an entry keeps from its beginning and from its end.
  private static let fewest = (head: 64, tail: 16)

  /// For the record of a result file.
  package static let result = TranscriptExcerpt(head: 2_048, tail: 128, budget: 1 << 16, entries: 2_000)

  /// For `transcript.json` of the evidence.
  package static let evidence = TranscriptExcerpt(head: 1 << 14, tail: 1_024, budget: 1 << 18, entries: 20_000)

  /// The entries of a transcript as JSON.
  package func json(of transcript: CaseTranscript) -> [JSONValue] {
    let all = transcript.entries
    var room = budget
    guard all.count > entries else { return all.map { json(of: $0, &room) } }
    let half = entries / 2
    let omitted = all[half..<(all.count - half)]
    let bytes = omitted.reduce(0) { sum, entry in
      switch entry.event {
      case .sent(let bytes), .received(let bytes): sum + bytes.count
      default: sum
      }
    }
    let gap: JSONValue = [
      "time": .int(omitted.first?.nanoseconds ?? 0), "connection": 0, "event": "omitted",
      "entries": .number(omitted.count), "bytes": .number(bytes),
    ]
    let first = all[..<half].map { json(of: $0, &room) }
    return first + [gap] + all[(all.count - half)...].map { json(of: $0, &room) }
  }

  private func json(of entry: TranscriptEntry, _ room: inout Int) -> JSONValue {
    var object = entry.json
    switch entry.event {
    case .sent(let bytes), .received(let bytes):
      for member in members(of: bytes, &room).members { object[member.name] = member.value }
    case .named(let text), .decoded(let text), .note(let text), .resetReceived(let text), .step(_, let text):
      guard text.utf8.count > Self.text else { break }
      for name in ["name", "text", "reason"] where object[name] != nil {
        object[name] = .string(InertText.abridged(text, to: Self.text))
      }
    default: break
    }
    return .object(object)
  }

  /// The members that tell what an entry's bytes were.
  private func members(of bytes: [UInt8], _ room: inout Int) -> JSONObject {
    let limits = room > 0 ? (head: head, tail: tail) : Self.fewest
    guard bytes.count > limits.head + limits.tail else {
      room -= bytes.count
      return ["bytes": .hex(bytes)]
    }
    room -= limits.head + limits.tail
    return [
      "bytes": .hex(Array(bytes.prefix(limits.head))), "tail": .hex(Array(bytes.suffix(limits.tail))),
      "length": .number(bytes.count), "sha256": .string(Bytes(SHA256.digest(of: bytes)).hex),
    ]
  }
}
