import GoldenVectors
import Specification
import StrictJSON

/// `close.json`: the closing handshake in virtual time, and close frames on the wire.
enum CloseVectors {
  /// The file.
  static func file() -> VectorFile {
    VectorFile(area: "close", notes: notes, groups: CloseStories.groups + CloseFrameVectors.groups)
  }

  private static let notes = [
    "bad-code": "A close code that is reserved, undefined or must never be sent.",
    "bad-utf8": "The reason of a close frame is not valid UTF-8.",
    "crossing": "Both ends close at the same time, so the close frames cross.",
    "exact-deadline": "Something happens at the very time at which a deadline passes; the deadline comes first.",
    "half-code": "A close frame whose body has one byte.",
    "large-code": "A code of 5000 or above, about which RFC 6455 says nothing.",
    "no-code": "A close frame without a body.",
    "no-close-back": "The peer does not answer the close frame, or does not end the transport.",
    "pending-at-end": "Calls are waiting when the connection ends.",
    "private-code": "A code from 3000 on: registered for libraries, or an application's own.",
    "stopped": "Something happens on a connection that is closing or has ended.",
    "violation": "A decoder found that the peer broke the protocol.",
  ]

  /// A story of this file.
  static func story(
    _ side: StorySide, _ what: String, _ comment: String, _ requirements: [RequirementID], flags: [String] = [],
    config: JSONObject = [:], _ steps: [StoryStep]
  ) -> Story {
    Story(
      area: "close", side: side, what: what, comment: comment, requirements: requirements, flags: flags, config: config,
      steps: steps)
  }
}
