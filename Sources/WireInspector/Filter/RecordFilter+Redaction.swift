import PacketCapture

/// Filters under `--redact`: records hold pseudonyms, and the expression names what they stand for.
extension RecordFilter {
  /// Why the expression cannot be held against pseudonyms; nil: it can.
  package var faultUnderRedaction: String? { Self.fault(of: root) }

  /// The expression over records with pseudonyms.
  func redacted(by pseudonyms: Pseudonyms) -> RecordFilter {
    RecordFilter(root: Self.redacted(root, pseudonyms))
  }

  private static func fault(of term: Term) -> String? {
    switch term {
    case .has: return nil
    case .not(let inner): return fault(of: inner)
    case .both(let first, let second), .either(let first, let second): return fault(of: first) ?? fault(of: second)
    case .compare(let field, let comparison, let literal):
      switch field {
      case .text, .identity:
        return
          "\(field.rawValue) has a digest or pseudonyms in its place; choose by uid and deviceId, or without --redact"
      case .client, .server:
        let isAddress = InternetAddress(text: literal.text) != nil
        return comparison == .contains && !isAddress
          ? "\(field.rawValue) has a pseudonym, in which only a whole address can be looked for" : nil
      case .uid, .deviceId, .serverName, .reason:
        return comparison == .contains
          ? "\(field.rawValue) has a pseudonym, of which no part can be looked for; compare it with ==" : nil
      default: return nil
      }
    }
  }

  private static func redacted(_ term: Term, _ pseudonyms: Pseudonyms) -> Term {
    switch term {
    case .has: return term
    case .not(let inner): return .not(redacted(inner, pseudonyms))
    case .both(let first, let second): return .both(redacted(first, pseudonyms), redacted(second, pseudonyms))
    case .either(let first, let second): return .either(redacted(first, pseudonyms), redacted(second, pseudonyms))
    case .compare(let field, let comparison, let literal):
      let text = literal.text
      let pseudonym: String
      switch field {
      case .uid, .deviceId, .serverName: pseudonym = pseudonyms.addressText(text) ?? pseudonyms.word(text)
      case .source:
        pseudonym = Pseudonyms.isPlain(text) ? text : pseudonyms.addressText(text) ?? pseudonyms.word(text)
      case .client, .server: pseudonym = pseudonyms.addressText(text) ?? text
      case .path:
        pseudonym = text.split(separator: "/", omittingEmptySubsequences: false)
          .map { Pseudonyms.isPlain($0) ? String($0) : pseudonyms.word(String($0)) }.joined(separator: "/")
      case .reason: pseudonym = String(decoding: pseudonyms.fitted(text), as: UTF8.self)
      default: return term
      }
      return .compare(field, comparison, FilterLiteral(text: pseudonym, number: literal.number, written: text))
    }
  }
}
