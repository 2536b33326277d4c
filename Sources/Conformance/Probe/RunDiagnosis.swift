/// What is behind most of the failures of a run, where its first cases tell: it is said before the failures are listed.
package enum RunDiagnosis: Hashable, Sendable {
  /// The call of the profile is not answered, and the server is seen to serve by something else.
  case callUnanswered(PeerProfile.Exchange?, serves: SignsOfLife)

  /// Pings are not answered as RFC 6455 wants it.
  case pingUnanswered

  /// The first case fails in every form, and messages with these protocolIds come unasked.
  case unaskedMessages([Int64])

  /// One sentence about the cause, and what to do.
  package var sentence: String {
    switch self {
    case .callUnanswered(let exchange, let serves) where serves.echo == .oneWay:
      return
        "\(Self.call(exchange)) does not get its answer, while one-way messages are answered: the handler has to send the answer "
        + "with the sn of the request"
    case .callUnanswered(let exchange, _):
      return
        "\(Self.call(exchange)) does not get its answer, and neither do one-way messages, while pings are answered: the application "
        + "has no such handler, or other ids. Add it, or find out what there is: wireproof probe profile URL"
    case .pingUnanswered:
      return "pings are not answered with their payload (RFC 6455 section 5.5.3), which most cases look at in the end"
    case .unaskedMessages(let ids):
      let list = ids.map(String.init).joined(separator: ", ")
      return
        "messages with id \(list) come unasked and may be taken for answers. If they are meant to come, say so in the "
        + "profile: unsolicited: [\(list)]"
    }
  }

  private static func call(_ exchange: PeerProfile.Exchange?) -> String {
    exchange.map { "a call with id \($0.request) (the profile wants id \($0.response) for it)" }
      ?? "the echo of the profile"
  }
}
