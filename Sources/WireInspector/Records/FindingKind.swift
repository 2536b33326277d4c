import CaptureFile
import PacketCapture
package import Specification

/// A kind of finding, whatever layer reports it: what `explain` and `list findings` know of it.
package struct FindingKind: Hashable, Sendable {
  /// The id. A promise to users.
  package let id: String

  /// What was seen, in one sentence.
  package let meaning: String

  /// The rules that it can be a violation of; none: it is about the capture, or breaks no rule.
  package let requirements: [RequirementID]

  /// Every kind, in the order of the layers: the file, packets and TCP, then what TCP carries.
  package static let all: [FindingKind] =
    CaptureFindingCode.allCases.map { FindingKind(id: $0.rawValue, meaning: $0.meaning, requirements: []) }
    + PacketFindingCode.allCases.map { FindingKind(id: $0.rawValue, meaning: $0.meaning, requirements: []) }
    + InspectionFindingCode.allCases.map {
      FindingKind(id: $0.rawValue, meaning: $0.meaning, requirements: $0.requirements)
    }
}

extension CaptureFindingCode {
  fileprivate var meaning: String {
    switch self {
    case .fileEmpty: "The file has no bytes."
    case .fileBadMagic: "The first bytes are those of no capture format."
    case .fileUnsupportedVersion: "A capture format, in a version that cannot be read."
    case .fileTruncated: "The file ends inside a record; what came before is good."
    case .fileInflationLimit: "A compressed file grows beyond the limit; what came before is good."
    case .fileCorruptRecord: "A length or reference inside the file contradicts the rest."
    case .captureSnaplen: "Packets were cut when they were captured."
    case .captureDrops: "The capturing machine says that it lost packets."
    case .captureBadTimestamp: "A timestamp that 64 bits of nanoseconds cannot hold."
    }
  }
}

extension PacketFindingCode {
  fileprivate var meaning: String {
    switch self {
    case .duplicatePacket: "The same packet was captured twice."
    case .badLength: "A packet's IP or TCP lengths contradict its size."
    case .timeBackwards: "The time goes back from one record to the next."
    case .flowLimit: "More connections at once than are followed; the one that was silent longest is given up."
    case .fragmentLost: "An IP datagram lacks fragments."
    case .fragmentOverlap: "Fragments of an IP datagram overlap; the first to arrive is used."
    case .gap: "Bytes of a connection are missing in the capture."
    case .midstream: "The connection began before the capture did."
    case .retransmission: "Bytes were sent again."
    case .outOfOrder: "A segment came late."
    case .overlap: "A segment repeats bytes and goes on with new ones."
    case .overlapConflict: "A segment repeats bytes with other content; the first to arrive is used."
    case .duplicateSyn: "The SYN was captured more than once."
    case .portReuse: "A new connection between the same addresses and ports."
    case .reset: "The connection was reset."
    case .resetOutOfWindow: "A reset that is outside of the window, which the peer passes over."
    case .outOfWindow: "A segment lies outside of the window; its data are not used."
    case .dataAfterFin: "Data behind the end of a direction."
    case .zeroWindow: "A side closed its window: it does not take more for now."
    case .keepAlive: "A keep-alive of TCP."
    case .badChecksum: "A TCP checksum is wrong (often only because the network card computes it)."
    case .ackBeforeData: "Data were acknowledged that the capture does not have yet."
    }
  }
}

extension InspectionFindingCode {
  fileprivate var meaning: String {
    switch self {
    case .unsupportedLinkType: "Packets of a link type that is not decoded."
    case .inflationLimit: "Compressed messages grow beyond the limit, and are no longer inflated."
    case .passedOver: "Packets or connections that were passed over, and of what kind."
    case .noKeys: "A TLS connection without its keys: nothing inside can be seen."
    case .tlsUnsupported: "A TLS connection of a version or with a cipher that is not decrypted."
    case .tlsBadRecord: "A TLS record that is not authentic under the connection's keys, or bytes that are no record."
    case .tlsResync: "Bytes of TLS were passed over to find the next record behind a loss."
    case .tlsTruncated: "A direction ends inside of a TLS record."
    case .tlsAlert: "A side sent a TLS alert, as when a handshake fails."
    case .tlsEarlyDataRefused: "The server did not take what the client sent before the handshake was done."
    case .upgradeRejected: "The server refused the upgrade."
    case .noResponse: "An upgrade request without an answer in the capture."
    case .httpTruncated: "A head of HTTP that the capture does not have whole."
    case .http2: "The connection speaks HTTP/2, which is not decoded."
    case .badProxyHeader: "What begins like a header of the PROXY protocol is none."
    case .badExtension: "The answer accepts an extension or parameter that was not offered, or one that is none."
    case .badAccept: "Sec-WebSocket-Accept does not belong to the key of the request."
    case .protocolError: "Bytes where a WebSocket frame should begin are none."
    case .resync: "Frames were lost, and the stream was taken up again where one begins."
    case .truncatedMessage: "A message whose end is not in the capture."
    case .contextLost: "A compressed message builds on one that is lost, and cannot be inflated."
    case .inflateError: "A compressed message that is no deflate data."
    case .contextTakenOver: "A message uses the context of earlier ones, against what was negotiated."
    case .dataAfterClose: "Frames behind the close frame of the same side."
    case .nonminimalLength: "A frame's length is not in its shortest form."
    case .maskedServer: "A frame of the server is masked."
    case .unmaskedClient: "A frame of the client is not masked."
    case .reservedBits: "A reserved bit is set where no extension defines it."
    case .reservedOpcode: "An opcode that is reserved."
    case .badControl: "A control frame that is fragmented, too long, or closes with a wrong code."
    case .badLength: "A frame's 64-bit length has its highest bit set."
    case .badUTF8: "A text message or the reason of a close is no UTF-8."
    case .strayContinuation: "A continuation without a message to continue."
    case .interleavedMessage: "A new message begins inside a fragmented one."
    case .unexpectedText: "A text message: this protocol's frames travel in binary ones."
    case .messageLimit: "A message larger than the inspector keeps."
    case .badMagic: "A message does not begin as a frame of this revision does."
    case .short: "A message too short to be a frame."
    case .tooLarge: "A frame's length is above the limit."
    case .lengthMismatch: "A frame's length is not that of its message."
    case .trailingBytes: "Bytes behind the frame in its message."
    case .badProtobuf: "A frame of the oldest revision whose protobuf cannot be read."
    case .badDisplacement: "A displacement message whose fields are not as they should be."
    case .otherProtocol: "A connection whose messages are all of another protocol; nobody is judged by it."
    case .displaced: "A connection was told that another has taken its place."
    case .unanswered: "A call without an answer at the end of its connection or of the capture."
    case .orphanResponse: "An answer to no call."
    case .duplicateResponse: "A second answer to the same call."
    case .snReuse: "A call takes the sn of one that still waits for its answer."
    case .slow: "An answer took longer than --slow allows."
    case .negativeLatency: "An answer is older than its call: the clocks of the capture disagree."
    }
  }
}
