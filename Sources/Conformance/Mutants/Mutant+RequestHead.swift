import ReferencePeer
import Specification

extension Mutant {
  /// Faults in what a request's target and its content are taken for.
  static let requestHeads: [Mutant] = [
    refusing(
      "absolute-targets-unread", "a target in absolute form is refused", breaks: "handshake.read.absolute",
      check: "handshake.absolute.right"
    ) { head in
      head.hasPrefix("GET http")
    },
    Mutant(
      "content-read-as-frames", "the content of a request is read as frames", breaks: "handshake.refuse.content",
      check: "handshake.content.length"
    ) {
      $0.requestHead = { head in
        head.setField("Content-Length", nil)
        head.setField("Transfer-Encoding", nil)
      }
    },
    Mutant(
      "uncertain-content-taken", "a length of content that is no number is ignored", breaks: "handshake.refuse.framing",
      check: "handshake.framing.length-word"
    ) {
      $0.requestHead = { head in
        if head.field("content-length").flatMap({ Int($0) }) == nil { head.setField("Content-Length", nil) }
      }
    },
    Mutant(
      "space-before-colon-taken", "a space before a colon is skipped", breaks: "handshake.refuse.header.space",
      check: "handshake.header.space-before-colon"
    ) {
      $0.requestHead = { $0 = $0.replacing(" : ", with: ": ") }
    },
  ]
}
