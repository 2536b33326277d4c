import Negotiation
import ReferencePeer
import Specification
import WebSocketCodec

extension Mutant {
  /// Faults in the frames that the client sends.
  static let clientFrameSenders: [Mutant] = [
    Mutant(
      "client-length-of-payload", "length counts the payload alone", breaks: "frame.length.exact", "frame.trailing",
      check: "client-sanity.sender.frame"
    ) {
      $0.header = { header in
        let length = UInt32(truncatingIfNeeded: Int(header.frameLength ?? 8) - 8)
        header.setFrameLength(Int(length))
      }
    },
    Mutant(
      "client-id-big-endian", "protocolId is written in network order", breaks: "frame.byte-order",
      check: "client-sanity.sender.frame"
    ) {
      $0.header = { $0[6..<10].reverse() }
    },
    Mutant(
      "client-speaks-earlier-revision", "frames begin with FE EE", breaks: "frame.magic", "revision.current",
      check: "client-sanity.sender.frame"
    ) {
      $0.header = { $0[1] = 0xEE }
    },
    Mutant(
      "client-frame-twice-in-message", "each message holds its frame twice", breaks: "frame.message.one",
      check: "client-sanity.sender.frame"
    ) {
      $0.wire = PeerMutation.data {
        $0.payload += $0.payload
        $0.lengthForm = .minimal(for: UInt64($0.payload.count))
      }
    },
    Mutant(
      "client-one-way-with-sn", "one-way messages have an sn", breaks: "frame.sn.one-way", check: "client-sanity.send"
    ) {
      $0.sent = PeerMutation.each { if $0.sn == 0 { $0.sn = 400 } }
    },
    Mutant(
      "client-answers-with-id-zero", "answers have the reserved id 0", breaks: "frame.protocol-id.reserved",
      check: "client-calls.server.answer-id"
    ) {
      $0.sent = PeerMutation.each { if $0.protocolId == 17 { $0.protocolId = 0 } }
    },
    Mutant(
      "client-sends-as-utf8", "payloads that are sent pass through a decoder of UTF-8", breaks: "frame.payload.opaque",
      check: "client-frame.payload.not-utf8"
    ) {
      $0.sent = PeerMutation.each { $0.payload = Array(String(decoding: $0.payload, as: UTF8.self).utf8) }
    },
    Mutant(
      "client-payload-ends-at-zero", "payloads that are sent end at the first byte 0", breaks: "frame.payload.opaque",
      check: "client-frame.payload.zeros"
    ) {
      $0.sent = PeerMutation.each { $0.payload = Array($0.payload.prefix { $0 != 0 }) }
    },
    Mutant(
      "client-transcodes", "bytes above 7F of payloads that are sent are lost", breaks: "charset.untouched",
      check: "client-frame.payload.gbk"
    ) {
      $0.sent = PeerMutation.each { $0.payload.removeAll { $0 >= 0x80 } }
    },
    Mutant(
      "client-knows-utf8-alone", "text goes out in UTF-8 whatever was selected", breaks: "charset.text",
      check: "client-charset.text.gbk"
    ) {
      $0.details = { $0.selecting(charset: 0) }
    },
    Mutant(
      "client-swaps-charsets", "0 is taken for GBK and 1 for UTF-8", breaks: "charset.codes",
      check: "client-charset.text.utf8"
    ) {
      $0.details = { $0.selecting(charset: 1 - $0.selection.charset) }
    },
  ]

  /// Faults in reading frames.
  static let clientFrameReceivers: [Mutant] = [
    Mutant(
      "client-earlier-magic-taken", "FE EE is taken for FE EF", breaks: "frame.magic.reject",
      check: "client-frame.magic.feee"
    ) {
      $0.message = PeerMutation.patched { if $0.count >= 2, $0[0] == 0xFE, $0[1] == 0xEE { $0[1] = 0xEF } }
    },
    Mutant(
      "client-six-bytes-as-zeros", "six bytes become a frame of zeros", breaks: "frame.zero-frame",
      check: "client-frame.header-only.9"
    ) {
      $0.message = PeerMutation.patched { bytes in
        guard bytes.count == 6, let length = bytes.frameLength, (8...524_288).contains(length) else { return }
        bytes += Array(repeating: 0, count: Int(length))
        // Only what shows: the client has no handler for id 0.
        (bytes[6], bytes[10]) = (7, 3)
      }
    },
    Mutant(
      "client-short-padded", "a cut frame is filled up with zeros", breaks: "frame.short", check: "client-frame.cut.13"
    ) {
      $0.message = PeerMutation.patched { bytes in
        guard (7..<14).contains(bytes.count), bytes.starts(with: [0xFE, 0xEF]) else { return }
        bytes += Array(repeating: 0, count: 14 - bytes.count)
        bytes.setFrameLength(8)
        (bytes[6], bytes[10]) = (7, 3)
      }
    },
    Mutant(
      "client-empty-as-frame", "an empty message becomes a frame", breaks: "frame.empty", check: "client-frame.empty"
    ) {
      $0.message = PeerMutation.patched { if $0.isEmpty { $0 = visibleFrame } }
    },
    Mutant(
      "client-limit-one-less", "a frame of the limit's length is refused", breaks: "frame.length.limit",
      check: "client-frame.limit"
    ) {
      $0.clientConfiguration = { $0.options.maxFrameLength -= 1 }
    },
    Mutant(
      "client-without-limit", "frames of any length are taken", breaks: "frame.length.limit.reject",
      check: "client-frame.limit.above"
    ) {
      $0.clientConfiguration = { $0.options.maxFrameLength = 1 << 24 }
    },
    Mutant(
      "client-id-of-16-bits", "only 16 bits of protocolId are looked at", breaks: "frame.protocol-id.range",
      check: "client-frame.id.high"
    ) {
      $0.received = PeerMutation.frame { if $0.protocolId != 0x7FFF_FFFF { $0.protocolId &= 0xFFFF } }
    },
    Mutant(
      "client-id-zero-answered", "protocolId 0 is taken for 7", breaks: "frame.protocol-id.none",
      check: "client-frame.none.call"
    ) {
      $0.received = PeerMutation.frame { if $0.protocolId == 0 { $0.protocolId = 7 } }
    },
    Mutant(
      "client-unknown-id-answered", "calls with an id that is not known are answered",
      breaks: "dispatch.unknown.silent", check: "client-frame.unknown.call"
    ) {
      $0.received = PeerMutation.frame {
        if $0.sn % 2 == 1, $0.protocolId != 0, $0.protocolId != 0x7FFF_FFFF { $0.protocolId = 7 }
      }
    },
    Mutant(
      "client-unknown-id-fails", "an id that is not known ends the connection", breaks: "dispatch.unknown",
      check: "client-frame.unknown.one-way"
    ) {
      $0.received = { frame, connection in
        let isKnown =
          frame.sn != 0 && frame.sn % 2 == 0 || [0, 3, 5, 7, 8, 9, 11, 20, 0x7FFF_FFFF].contains(frame.protocolId)
        if !isKnown { connection.close(code: 1002) }
        return isKnown
      }
    },
    Mutant(
      "client-reads-as-utf8", "payloads that come in pass through a decoder of UTF-8", breaks: "frame.payload.opaque",
      check: "client-frame.payload.not-utf8"
    ) {
      $0.received = PeerMutation.frame { $0.payload = Array(String(decoding: $0.payload, as: UTF8.self).utf8) }
    },
    Mutant(
      "client-sn-signed", "frames with a negative sn are lost", breaks: "frame.sn.range",
      check: "client-frame.sn.top-bit"
    ) {
      $0.received = { frame, _ in frame.sn < 0x8000_0000 }
    },
  ]

  /// A call of the server that the client answers, for faults that make a frame of nothing.
  static let visibleFrame: [UInt8] = [0xFE, 0xEF, 8, 0, 0, 0, 7, 0, 0, 0, 3, 0, 0, 0]
}

extension ConnectionDetails {
  /// The same with another charset than the one that was selected.
  fileprivate func selecting(charset: Int64) -> ConnectionDetails {
    ConnectionDetails(
      metadata: metadata,
      selection: NegotiatedSelection(
        version: selection.version, charset: charset, selectedProtocol: selection.selectedProtocol),
      address: address, deflate: deflate)
  }
}
