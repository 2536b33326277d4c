import GoldenVectors
import StrictJSON

/// `handshake.json`: the upgrade request and its answer, read on both sides, and what a server answers.
enum HandshakeVectors {
  static func file() -> VectorFile {
    VectorFile(
      area: "handshake",
      notes: [
        "absolute-form": "The target is, or looks like, a whole URI.",
        "agreement": "What the answer names has to follow from what was offered.",
        "bad-field": "A line of the header is no field; the offset is that of the line.",
        "bare-lf": "A line ends in LF alone, which a reader may take or refuse.",
        "bytes-behind": "Bytes follow the empty line; they are not part of the header.",
        "case": "Names and tokens are written in unusual case.",
        "content": "The request says how much content it has.",
        "cut": "The bytes come in pieces.",
        "cut-off": "The bytes end before the empty line.",
        "expect": "The client may wait for a 100 before anything else.",
        "fixed-status": "The status of this refusal is laid down: another one is right only where it is listed.",
        "fold": "A field goes on in the next line, as old senders did.",
        "http-version": "The version of HTTP is none that an upgrade can be asked with.",
        "interim": "An answer of the class 1xx stands before the one that counts.",
        "limit": "The header is as large as may be, or larger.",
        "list": "A value is a list.",
        "malformed": "The header breaks the grammar of HTTP, or a field its own.",
        "method": "The method is not GET.",
        "missing-field": "A field that has to be there is not.",
        "negotiated": "The server was given versions or charsets.",
        "origin": "The request names an origin that is not let in.",
        "precedence": "Several rules are broken at once; which is named first is fixed.",
        "real-capture": "The bytes were seen on the wire between programs of the original.",
        "refusal": "The upgrade is refused.",
        "several-fields": "A list is spread over several fields of one name.",
        "wrong-field": "A field that has to be there says something else.",
      ],
      groups: HandshakeRequestVectors.groups() + HandshakeTargetVectors.groups()
        + HandshakeRequestFaultVectors.groups() + HandshakeContentVectors.groups()
        + HandshakeAnswerVectors.groups() + HandshakeInterimVectors.groups() + HandshakeRespondVectors.groups())
  }
}
