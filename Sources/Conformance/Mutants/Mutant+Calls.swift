import Conversation
import FrameCodec
import NIOConcurrencyHelpers
import ReferencePeer
import Specification

extension Mutant {
  /// Faults in calls.
  static let calls: [Mutant] = [
    Mutant("sn-plus-one", "answers have the next sn", breaks: "rpc.answer.sn", check: "rpc.sequence") {
      $0.sent = PeerMutation.each { if $0.protocolId == 3, $0.sn != 0 { $0.sn &+= 1 } }
    },
    Mutant("sn-lost", "answers have no sn", breaks: "rpc.answer.sn", check: "sanity.call") {
      $0.sent = PeerMutation.each { if $0.protocolId == 3 { $0.sn = 0 } }
    },
    Mutant(
      "answers-with-id-zero", "answers have the reserved id 0", breaks: "frame.protocol-id.reserved",
      check: "frame.protocol-id.reserved"
    ) {
      $0.sent = PeerMutation.each { if $0.protocolId == 3, $0.sn != 0 { $0.protocolId = 0 } }
    },
    Mutant(
      "sn-of-16-bits", "only 16 bits of sn are kept", breaks: "frame.sn.range", "rpc.answer.sn",
      check: "rpc.sn.above-16-bits"
    ) {
      $0.received = PeerMutation.frame { $0.sn &= 0xFFFF }
    },
    Mutant("sn-signed", "a negative sn is no request", breaks: "frame.sn.range", check: "rpc.sn.top-bit") {
      $0.received = { frame, _ in frame.sn < 0x8000_0000 }
    },
    Mutant(
      "odd-requests-lost", "requests with an odd sn are lost", breaks: "rpc.answer.sn",
      check: "rpc.sn.odd.five"
    ) {
      $0.received = { frame, _ in frame.sn % 2 == 0 || frame.protocolId != 2 }
    },
    Mutant(
      "request-as-answer", "a request with the number after that of a pending call is taken for an answer",
      breaks: "rpc.dispatch.direction", check: "server-calls.both-ways"
    ) {
      $0.received = { frame, _ in frame.sn != 4 || frame.protocolId != 2 }
    },
    Mutant("answered-twice-over", "calls are answered twice", breaks: "rpc.answer.once", check: "rpc.answer.once") {
      $0.sent = { frame, connection in
        frame.sn != 0 && frame.protocolId == 3 ? [(frame, connection), (frame, connection)] : [(frame, connection)]
      }
    },
    Mutant("tenth-answer-lost", "each tenth answer is lost", breaks: "rpc.concurrent", check: "rpc.concurrent.64") {
      let count = NIOLockedValueBox(0)
      $0.sent = { frame, connection in
        guard frame.sn != 0, frame.protocolId == 3 else { return [(frame, connection)] }
        let number = count.withLockedValue { count in
          count += 1
          return count
        }
        return number % 10 == 0 ? [] : [(frame, connection)]
      }
    },
    Mutant(
      "answers-mixed-up", "an answer has the payload of the one before", breaks: "rpc.answer.sn",
      check: "rpc.concurrent.8"
    ) {
      let last = NIOLockedValueBox<[UInt8]>([])
      $0.sent = PeerMutation.each { frame in
        guard frame.sn != 0, frame.protocolId == 3 else { return }
        last.withLockedValue { swap(&$0, &frame.payload) }
      }
    },
    Mutant(
      "same-sn-dropped", "a request with the sn of the one before is dropped", breaks: "rpc.sn.duplicate",
      check: "rpc.sn.duplicate"
    ) {
      let last = NIOLockedValueBox<[UInt64: UInt32]>([:])
      $0.received = { frame, connection in
        let sn = frame.sn
        return sn == 0 || last.withLockedValue { $0.updateValue(sn, forKey: connection.number) } != sn
      }
    },
    Mutant(
      "server-sn-even", "the server's calls have an even sn", breaks: "rpc.sn.parity", check: "server-calls.answered"
    ) {
      $0.sent = PeerMutation.each { if $0.protocolId == 7 { $0.sn &+= 1 } }
    },
    Mutant("server-sn-zero", "the server's calls have sn 0", breaks: "rpc.sn.zero", check: "server-calls.answered") {
      $0.sent = PeerMutation.each { if $0.protocolId == 7 { $0.sn = 0 } }
    },
    Mutant(
      "server-sn-same", "all the server's calls have the same sn", breaks: "rpc.sn.unique",
      check: "server-calls.concurrent"
    ) {
      $0.sent = PeerMutation.each { if $0.protocolId == 7 { $0.sn = 3 } }
    },
    Mutant(
      "any-answer-taken", "an answer with another sn is taken", breaks: "rpc.answer.unknown",
      check: "server-calls.wrong-sn"
    ) {
      $0.received = PeerMutation.frame { if $0.sn % 2 == 1, $0.protocolId != 2 { $0.sn = 3 } }
    },
    Mutant(
      "answers-dropped", "answers to the server's calls are lost", breaks: "rpc.dispatch.complete",
      "rpc.answer.pairing", check: "server-calls.answered"
    ) {
      $0.received = { frame, _ in frame.sn % 2 == 0 || frame.protocolId == 2 }
    },
    Mutant(
      "handlers-by-sn", "requests with the sn of an own call are not handed to handlers",
      breaks: "rpc.dispatch.handler.completed",
      check: "server-calls.request-with-its-sn"
    ) {
      $0.received = { frame, _ in frame.sn % 2 == 0 || frame.protocolId != 2 }
    },
    Mutant(
      "answers-in-order-only", "an answer that comes before that of an earlier call is lost", breaks: "rpc.order",
      check: "server-calls.concurrent"
    ) {
      let pending = NIOLockedValueBox<[UInt64: [UInt32]]>([:])
      $0.sent = { frame, connection in
        if frame.protocolId == 7 { pending.withLockedValue { $0[connection.number, default: []].append(frame.sn) } }
        return [(frame, connection)]
      }
      $0.received = { frame, connection in
        let sn = frame.sn
        return pending.withLockedValue { pending in
          let calls = pending[connection.number] ?? []
          guard calls.contains(sn) else { return true }
          guard calls.first == sn else { return false }
          pending[connection.number] = Array(calls.dropFirst())
          return true
        }
      }
    },
    Mutant(
      "late-answer-to-another", "an answer to one who left goes to another", breaks: "rpc.isolation",
      check: "isolation.leaver"
    ) {
      // The reference cancels the handlers of who has left; this one forgets to.
      $0.configuration = { configuration in
        configuration.handlers.onAsync(4) { message, connection in
          await Task.detached { try? await Task.sleep(for: .seconds(2)) }.value
          try await connection.answer(message, 5, message.payload)
        }
      }
      $0.late = { frame, connection in frame.sn == 0 ? nil : connection.heir }
    },
    Mutant(
      "answer-to-another", "answers go to another connection now and then", breaks: "rpc.isolation",
      check: "rpc.concurrent.connections"
    ) {
      let count = NIOLockedValueBox(0)
      $0.sent = { frame, connection in
        let number = count.withLockedValue { count in
          count += 1
          return count
        }
        guard number % 5 == 0, let other = connection.others.randomElement() else { return [(frame, connection)] }
        return [(frame, other)]
      }
    },
  ]

  /// Faults in the hub.
  static let displacement: [Mutant] = [
    Mutant(
      "nobody-displaced", "a newcomer displaces nobody", breaks: "hub.identity.single", check: "identity.same.uid"
    ) {
      $0.displacesNobody = true
    },
    Mutant(
      "newcomer-sent-away", "the newcomer is sent away", breaks: "hub.identity.newest", check: "displacement.newcomer"
    ) {
      $0.refusesNewcomers = true
    },
    Mutant(
      "displacement-missing", "the displaced one is not told", breaks: "hub.displacement.frame",
      check: "displacement.newcomer"
    ) {
      $0.actions = { $0.filter { !$0.isDisplacement } }
    },
    Mutant(
      "displacement-behind-close", "the displaced one is told behind the close frame", breaks: "hub.displacement.last",
      check: "displacement.order"
    ) {
      $0.actions = { actions in
        guard let index = actions.firstIndex(where: \.isDisplacement), actions.indices.contains(index + 1) else {
          return actions
        }
        var changed = actions
        changed.swapAt(index, index + 1)
        return changed
      }
    },
    Mutant(
      "displaced-stays", "the displaced one stays connected", breaks: "hub.displacement.close",
      check: "displacement.newcomer"
    ) {
      $0.actions = { actions in actions.contains(where: \.isDisplacement) ? actions.filter(\.isDisplacement) : actions }
    },
    Mutant(
      "message-behind-displacement", "a message follows the displacement", breaks: "hub.displacement.last",
      check: "displacement.order"
    ) {
      $0.actions = { actions in
        actions.flatMap { $0.isDisplacement ? [$0, TimedAction(at: $0.at, .sendFrame(protocolId: 11, sn: 0))] : [$0] }
      }
    },
    payload(
      "addresses-swapped", "the addresses in the displacement are swapped", breaks: "hub.displacement.addresses",
      check: "displacement.addresses"
    ) {
      ($0.oldAddress, $0.newAddress) = ($0.newAddress, $0.oldAddress)
    },
    payload(
      "timestamp-in-seconds", "the time of a displacement is in seconds", breaks: "hub.displacement.timestamp",
      check: "displacement.timestamp"
    ) {
      $0.timestampNanoseconds /= 1_000_000_000
    },
    Mutant(
      "displacement-with-sn", "the displacement has an sn", breaks: "hub.displacement.frame",
      check: "displacement.newcomer"
    ) {
      $0.sent = PeerMutation.each { if $0.protocolId == 0x7FFF_FFFF { $0.sn = 3 } }
    },
    Mutant(
      "displacement-believed", "a displacement by a client ends its connection", breaks: "hub.displacement.from-client",
      check: "displacement.from-client.whole"
    ) {
      $0.message = PeerMutation.patched {
        if $0.count >= 14, $0[6..<10].elementsEqual([0xFF, 0xFF, 0xFF, 0x7F]) { $0[0] = 0 }
      }
    },
    Mutant(
      "address-unknown", "the address of clients is not known", breaks: "address.peer", check: "displacement.addresses"
    ) {
      $0.details = { details in
        ConnectionDetails(
          metadata: details.metadata, selection: details.selection, address: Array("127.0.0.1".utf8),
          deflate: details.deflate)
      }
    },
  ]

  private static func payload(
    _ name: String, _ fault: String, breaks requirement: RequirementID, check: String,
    _ change: @escaping @Sendable (inout Displacement) -> Void
  ) -> Mutant {
    Mutant(name, fault, breaks: requirement, check: check) {
      $0.sent = PeerMutation.each { frame in
        guard frame.protocolId == 0x7FFF_FFFF,
          var displacement = try? Displacement(decoding: frame.payload.span.bytes)
        else { return }
        change(&displacement)
        frame.payload = displacement.encoded()
      }
    }
  }

  /// Faults in the earlier revisions.
  static let revisions: [Mutant] = [
    legacy(
      "field-order-demanded", "fields have to be in order", "1.1", breaks: "protobuf.field.order",
      check: "legacy.1-1.field.order"
    ) { bytes in
      if bytes.first == 0x12 { bytes = [] }
    },
    legacy(
      "repeated-fields-refused", "a repeated field is refused", "1.1", breaks: "protobuf.field.repeated",
      check: "legacy.1-1.field.repeated"
    ) { bytes in
      let fields = ProtobufFields(bytes)?.numbers ?? []
      if Set(fields).count < fields.count { bytes = [0xFF] }
    },
    legacy(
      "unknown-fields-not-skipped", "unknown fields are refused", "1.1", breaks: "protobuf.field.unknown",
      check: "legacy.1-1.field.unknown"
    ) { bytes in
      if ProtobufFields(bytes)?.numbers.contains(where: { $0 > 2 }) == true { bytes = [0xFF] }
    },
    legacy(
      "other-wire-types-refused", "a field with another wire type is refused", "1.1",
      breaks: "protobuf.field.wire-type", check: "legacy.1-1.field.wire-type"
    ) { bytes in
      if ProtobufFields(bytes)?.hasOtherWireTypes == true { bytes = [0xFF] }
    },
    legacy(
      "padded-varints-refused", "a varint longer than it has to be is refused", "1.1", breaks: "protobuf.varint.padded",
      check: "legacy.1-1.varint.padded"
    ) { bytes in
      if ProtobufFields(bytes)?.hasPaddedVarints == true { bytes = [0xFF] }
    },
    legacy(
      "int32-not-cut", "an int32 of more than 32 bits is refused", "1.1", breaks: "protobuf.int32.truncate",
      check: "legacy.1-1.int32.truncate"
    ) { bytes in
      if ProtobufFields(bytes)?.hasWideIntegers == true { bytes = [0xFF] }
    },
    repaired(
      "varint-cut-taken", "a varint that is cut is overlooked", breaks: "protobuf.varint.invalid", "legacy.1_1.reject",
      check: "legacy.1-1.reject.varint-cut"),
    repaired(
      "length-beyond-taken", "a length beyond the message is overlooked", breaks: "protobuf.length.bounds",
      "legacy.1_1.reject", check: "legacy.1-1.reject.cut"),
    repaired(
      "tag-zero-taken", "a tag of field 0 is overlooked", breaks: "protobuf.tag.invalid", "legacy.1_1.reject",
      check: "legacy.1-1.reject.tag-zero"),
    repaired(
      "open-group-taken", "a group that is not closed is overlooked", breaks: "protobuf.group.balance",
      "legacy.1_1.reject", check: "legacy.1-1.reject.group-open"),
    Mutant(
      "fields-of-message-moved", "the payload is field 3", breaks: "protobuf.message.fields", check: "legacy.1-1.echo.5"
    ) {
      $0.header = { header in
        if header.first == 0x08, let index = header.firstIndex(of: 0x12) { header[index] = 0x1A }
      }
    },
    Mutant(
      "fields-of-displacement-moved", "the old address is field 4", breaks: "protobuf.displacement.fields",
      check: "displacement.payload"
    ) {
      $0.sent = PeerMutation.each { if $0.protocolId == 0x7FFF_FFFF, $0.payload.first == 0x0A { $0.payload[0] = 0x22 } }
    },
    legacy(
      "magic-1.2-unchecked", "the magic of revision 1.2 is not looked at", "1.2", breaks: "legacy.1_2.magic.reject",
      check: "legacy.1-2.magic.swapped"
    ) {
      if $0.count >= 2 { ($0[0], $0[1]) = (0xFE, 0xEE) }
    },
    legacy(
      "magic-1.3.0-unchecked", "the magic of revision 1.3.0 is not looked at", "1.3.0",
      breaks: "legacy.1_3_0.magic.reject", check: "legacy.1-3-0.magic.swapped"
    ) {
      if $0.count >= 2 { ($0[0], $0[1]) = (0xFE, 0xEE) }
    },
    legacy(
      "length-1.2-short-taken", "a length beyond the message of revision 1.2 is taken for its end", "1.2",
      breaks: "legacy.1_2.short", check: "legacy.1-2.short.1"
    ) { bytes in
      if let length = bytes.frameLength, Int(length) > bytes.count - 6 { bytes.setFrameLength(bytes.count - 6) }
    },
    legacy(
      "length-1.3.0-short-taken", "a length beyond the message of revision 1.3.0 is taken for its end", "1.3.0",
      breaks: "legacy.1_3_0.short", check: "legacy.1-3-0.short.1"
    ) { bytes in
      if let length = bytes.frameLength, Int(length) > bytes.count - 6 { bytes.setFrameLength(bytes.count - 6) }
    },
    legacy(
      "length-1.3.0-minimum-unchecked", "a length below 4 is taken for that of the message", "1.3.0",
      breaks: "legacy.1_3_0.length.minimum", check: "legacy.1-3-0.length.minimum.0"
    ) { bytes in
      if let length = bytes.frameLength, length < 4, bytes.count >= 10 { bytes.setFrameLength(bytes.count - 6) }
    },
    legacy(
      "length-1.2-zero-refused", "a frame of revision 1.2 without a body is refused", "1.2",
      breaks: "legacy.1_2.length.zero", check: "legacy.1-2.length.zero"
    ) { bytes in
      if bytes.frameLength == 0 { bytes = [0] }
    },
    legacy(
      "body-1.2-unchecked", "a body of revision 1.2 that is broken is overlooked", "1.2", breaks: "legacy.1_2.body",
      check: "legacy.1-2.body.broken"
    ) { bytes in
      if bytes.count > 6, ProtobufFields(Array(bytes[6...])) == nil {
        bytes = Array(bytes[..<6]) + [0x08, 2]
        bytes.setFrameLength(2)
      }
    },
    legacyLimit("1.2", breaks: "legacy.1_2.limit", check: "legacy.1-2.limit"),
    legacyLimit("1.3.0", breaks: "legacy.1_3_0.limit", check: "legacy.1-3-0.limit"),
    displacementID("1.1", breaks: "legacy.1_1.displacement-id", check: "legacy.1-1.displacement"),
    displacementID("1.2", breaks: "legacy.1_2.displacement-id", check: "legacy.1-2.displacement"),
    displacementID("1.3.0", breaks: "legacy.1_3_0.displacement-id", check: "legacy.1-3-0.displacement"),
    magic("1.2", breaks: "legacy.1_2.magic", check: "legacy.1-2.echo.5"),
    magic("1.3.0", breaks: "legacy.1_3_0.magic", check: "legacy.1-3-0.echo.5"),
    length("1.2", breaks: "legacy.1_2.length", check: "legacy.1-2.echo.5"),
    length("1.3.0", breaks: "legacy.1_3_0.length", check: "legacy.1-3-0.echo.5"),
    Mutant(
      "revision-1.1-unread", "messages of revision 1.1 are read as those of 1.3.3", breaks: "legacy.1_1.message",
      check: "legacy.1-1.echo.5"
    ) {
      $0.configuration = { $0.options.revision = .fixed(.current) }
    },
    Mutant(
      "revision-1.3.0-unread", "messages of revision 1.3.0 are read as those of 1.3.3", breaks: "legacy.1_3_0.no-sn",
      check: "legacy.1-3-0.echo.5"
    ) {
      $0.configuration = { $0.options.revision = .fixed(.current) }
    },
  ]

  private static func legacy(
    _ name: String, _ fault: String, _ revision: String, breaks requirement: RequirementID, check: String,
    _ change: @escaping @Sendable (inout [UInt8]) -> Void
  ) -> Mutant {
    Mutant(name, fault, breaks: requirement, check: check) {
      $0.message = { message in
        if message.revision.rawValue == revision { change(&message.bytes) }
        return true
      }
    }
  }

  /// A mutant that puts a right message of revision 1.1 in the place of a broken one.
  private static func repaired(
    _ name: String, _ fault: String, breaks requirements: RequirementID..., check: String
  ) -> Mutant {
    Mutant(name, fault, breaks: requirements, check: check) {
      $0.message = { message in
        if message.revision == .v1_1, ProtobufFields(message.bytes) == nil { message.bytes = [0x08, 2, 0x12, 1, 0x78] }
        return true
      }
    }
  }

  private static func legacyLimit(_ revision: String, breaks requirement: RequirementID, check: String) -> Mutant {
    legacy(
      "limit-\(revision)", "a length of revision \(revision) above the limit is taken for the end", revision,
      breaks: requirement, check: check
    ) { bytes in
      if let length = bytes.frameLength, length > 524_288 { bytes.setFrameLength(bytes.count - 6) }
    }
  }

  private static func displacementID(_ revision: String, breaks requirement: RequirementID, check: String) -> Mutant {
    Mutant(
      "displacement-id-\(revision)", "the displacement of revision \(revision) has another id", breaks: requirement,
      check: check
    ) {
      $0.sent = PeerMutation.each { if $0.protocolId == -1 || $0.protocolId == 0x7FFF_FFFF { $0.protocolId = 99 } }
    }
  }

  private static func magic(_ revision: String, breaks requirement: RequirementID, check: String) -> Mutant {
    Mutant("magic-\(revision)", "the magic of revision \(revision) is wrong", breaks: requirement, check: check) {
      $0.header = { if $0.count >= 2, $0[1] != 0xEF { $0[1] ^= 1 } }
    }
  }

  private static func length(_ revision: String, breaks requirement: RequirementID, check: String) -> Mutant {
    Mutant(
      "length-\(revision)", "the length of revision \(revision) is one too many", breaks: requirement, check: check
    ) {
      $0.header = { if $0.count >= 6, $0[1] != 0xEF { $0[2] &+= 1 } }
    }
  }
}

extension Connection {
  /// Who gets what was meant for this one at a server that uses connection objects again: the newcomer with its identity, or
  /// one of many that came later. Where few are there, a probe beside the one that looks for it would be hit by chance.
  fileprivate var heir: Connection? {
    let later = others.filter { $0.number > number }
    return later.first { $0.details.identity == details.identity } ?? (later.count >= 16 ? later.randomElement() : nil)
  }
}

extension TimedAction {
  /// Whether a frame with the displacement goes out.
  var isDisplacement: Bool {
    if case .sendFrame(let protocolId, 0) = action { return protocolId == -1 || protocolId == 0x7FFF_FFFF }
    return false
  }
}
