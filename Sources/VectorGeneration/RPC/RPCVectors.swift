import GoldenVectors
import Specification
import StrictJSON

/// `rpc.json`: calls, answers and dispatch of one connection in virtual time.
enum RPCVectors {
  /// The file.
  static func file() -> VectorFile {
    VectorFile(
      area: "rpc", notes: notes,
      groups: RPCCallStories.groups + RPCDeadlineStories.groups
        + RPCNumberStories.groups + RPCDispatchStories.groups + RPCDisplacementStories.groups + RPCQueueStories.groups)
  }

  private static let notes = [
    "both-directions": "Both ends call at the same time; only the parity of sn keeps their calls apart.",
    "broken-displacement": "The payload of a displacement does not decode. It must not end the client.",
    "cancelled": "The caller gave the call up. Nothing goes on the wire, and the number is free again.",
    "displaced": "The connection makes room for a newer one of the same identity.",
    "duplicate-sn": "The peer uses one sn for two requests in flight. It is owed an answer to each.",
    "exact-deadline": "Something happens at the very time at which a deadline passes; the deadline comes first.",
    "extreme-sn": "An sn with its top bit set, or all bits: peers that hold it as a signed number change it.",
    "foreign-displacement": "A client sends the message with which servers displace.",
    "full-queue": "The send queue has no room.",
    "kicked": "The server drops the connection without a newcomer.",
    "late-answer": "The answer comes after the call timed out or was cancelled.",
    "no-handler": "Nobody registered for the protocolId.",
    "out-of-order": "Answers come in another order than the requests.",
    "own-parity": "The peer numbers its request with the receiver's parity.",
    "pending-at-end": "Calls are waiting when the connection ends.",
    "reserved-id": "A frame with a protocolId that no application may use.",
    "second-answer": "A request is answered twice. The second answer must not complete anything.",
    "stopped": "Something is asked of a connection that is closing or has ended.",
    "timeout": "No answer comes within the time that the caller gave.",
    "unknown-sn": "An answer to a call that was never made.",
    "wrap": "The numbers of one side are used up and start again, where the original's clients lose calls.",
    "zero-timeout": "A time limit of 0: the request goes out, and the limit passes at once.",
  ]

  /// A story of this file.
  static func story(
    _ side: StorySide, _ what: String, _ comment: String, _ requirements: [RequirementID], flags: [String] = [],
    config: JSONObject = [:], _ steps: [StoryStep]
  ) -> Story {
    Story(
      area: "rpc", side: side, what: what, comment: comment, requirements: requirements, flags: flags, config: config,
      steps: steps)
  }
}
