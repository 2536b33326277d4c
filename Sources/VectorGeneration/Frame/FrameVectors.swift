import GoldenVectors
import Specification
import StrictJSON

/// `frame.json`: frames of all four revisions, encoded, decoded from messages, and decoded from streams.
enum FrameVectors {
  static func file() -> VectorFile {
    VectorFile(
      area: "frame",
      notes: [
        "absent-field": "A protobuf field is left out and has its default value.",
        "bad-magic": "The message does not begin with the magic of its revision.",
        "bad-protobuf": "The body breaks the protobuf encoding.",
        "cut": "The bytes come in pieces.",
        "empty": "There are no bytes at all.",
        "legacy": "An older revision of the wire.",
        "length-too-small": "The field length does not even count the fields that it must count.",
        "limit": "The field length stands at the limit or next to it.",
        "no-payload": "The payload is empty, which is legal.",
        "out-of-range": "A number does not fit its field.",
        "precedence": "Several rules are broken at once; which is named first is fixed.",
        "protobuf-form": "An unusual but legal form of the protobuf encoding.",
        "real-capture": "The bytes were seen on the wire between the original's programs.",
        "short": "The message ends before its frame does.",
        "sign-bit": "The highest bit of a number is set; it is no sign where the field is unsigned.",
        "sn-unsupported": "A serial number where the revision has none.",
        "too-large": "The field length is above the receiver's limit.",
        "trailing": "The message goes on after its frame.",
        "zero-frame": "Six bytes announce a frame and nothing follows.",
      ],
      groups: FrameEncodeVectors.groups() + FrameDecodeVectors.groups() + FrameProtobufVectors.groups()
        + FrameStreamVectors.groups())
  }
}
