package import GoldenVectors
package import Specification
import StrictJSON

/// What an answer came to, and why it is no pass.
package struct Judgement: Hashable, Sendable {
  /// The verdict.
  package let verdict: Verdict

  /// Why it is none better; nil for a pass.
  package let reason: String?

  /// Whether a verdict other than `pass` says that a rule was kept in a weaker form only; false where the rules were kept, and
  /// the answer is less than a strict implementation gives: another location, another reason, an offer declined.
  var isWeaker = true

  static let pass = Judgement(verdict: .pass, reason: nil)

  /// The judgement where the strongest of the requirements has this level: nothing worse than `nonStrict` for a SHOULD,
  /// and nothing worse than `informational` for a MAY.
  package func bounded(by level: RequirementLevel) -> Judgement {
    switch (level, verdict) {
    case (.should, .fail): Judgement(verdict: .nonStrict, reason: reason)
    case (.may, .fail), (.may, .nonStrict): Judgement(verdict: .informational, reason: reason)
    default: self
    }
  }
}

/// Judges answers by the rules of `docs/operations.md`, "How an answer is judged".
package enum Judge {
  /// Judges the answer to a test, as if all of its requirements were MUSTs; see ``Judgement/bounded(by:)``.
  package static func judge(_ answer: Answer, to test: VectorTest, of operation: Operation) -> Judgement {
    if case .unsupported(let why) = answer {
      return Judgement(verdict: .notApplicable, reason: "unsupported: \(why)")
    }
    let answer = answer.written(for: operation)
    if let judgement = judgeByMeaning(answer, to: test, of: operation) { return judgement }
    let strict = AnswerComparison.compare(answer, with: test.expectation, of: operation)
    if strict == .equal { return .pass }
    for alternative in test.alternatives
    where AnswerComparison.compare(answer, with: alternative.expectation, of: operation) == .equal {
      return Judgement(
        verdict: alternative.verdict,
        reason: alternative.verdict == .pass ? nil : "permitted, but not what a strict implementation answers")
    }
    for expectation in [test.expectation] + test.alternatives.map(\.expectation) {
      if case .otherLocation(let reason) = AnswerComparison.compare(answer, with: expectation, of: operation) {
        return Judgement(verdict: .nonStrict, reason: reason, isWeaker: false)
      }
    }
    switch strict {
    case .otherReason(let reason) where test.hasFixedStatus: return Judgement(verdict: .fail, reason: reason)
    case .equal: return .pass
    case .otherLocation(let reason): return Judgement(verdict: .nonStrict, reason: reason, isWeaker: false)
    case .otherReason(let reason):
      return Judgement(verdict: .nonStrict, reason: "refused for another reason: \(reason)", isWeaker: false)
    case .different(let reason): return Judgement(verdict: .fail, reason: reason)
    }
  }

  /// The verdicts that do not come from comparing: compressed data, answers to offers, and other forms of protobuf.
  private static func judgeByMeaning(_ answer: Answer, to test: VectorTest, of operation: Operation) -> Judgement? {
    guard case .output(let output) = answer else { return nil }
    switch operation {
    case .deflateCompress: return CompressionJudge.judge(output, input: test.input)
    case .deflateNegotiate: return OfferJudge.judge(output, to: test)
    case .displacementEncode, .frameEncode: return ProtobufJudge.judge(output, to: test, of: operation)
    default: return nil
    }
  }
}
