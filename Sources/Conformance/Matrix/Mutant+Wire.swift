import NIOConcurrencyHelpers
import ReferencePeer
import Specification
import WebSocketCodec

extension Mutant {
  /// What can befall a server's bytes on their way, as faults of the server: for the resilience matrix. No probe has to find them.
  package static let wire: [Mutant] = wireContents + wireCuts

  private static let wireContents: [Mutant] = [
    wire("wire-answers-dropped", "each third answer is dropped") {
      let count = NIOLockedValueBox(0)
      $0.sent = { frame, connection in
        guard frame.sn != 0, frame.protocolId != 7 else { return [(frame, connection)] }
        let number = count.withLockedValue { count in
          count += 1
          return count
        }
        return number % 3 == 0 ? [] : [(frame, connection)]
      }
    },
    wire("wire-one-way-dropped", "one-way messages of the application are dropped") {
      $0.sent = { frame, connection in
        [3, 8, 9, 11].contains(frame.protocolId) && frame.sn == 0 ? [] : [(frame, connection)]
      }
    },
    wire("wire-calls-dropped", "the server's calls are dropped") {
      $0.sent = { frame, connection in frame.protocolId == 7 ? [] : [(frame, connection)] }
    },
    wire("wire-answers-duplicated", "answers come twice") {
      $0.sent = { frame, connection in
        frame.sn != 0 && frame.protocolId != 7 ? [(frame, connection), (frame, connection)] : [(frame, connection)]
      }
    },
    wire("wire-frames-duplicated", "every frame but orders comes twice") {
      $0.sent = { frame, connection in
        frame.protocolId == 20 ? [(frame, connection)] : [(frame, connection), (frame, connection)]
      }
    },
    wire("wire-answers-reordered", "answers change places in pairs") {
      let held = NIOLockedValueBox<PeerMutation.Frame?>(nil)
      $0.sent = { frame, connection in
        guard frame.sn != 0, frame.protocolId != 7 else { return [(frame, connection)] }
        let earlier: PeerMutation.Frame? = held.withLockedValue { held in
          defer { held = held == nil ? frame : nil }
          return held
        }
        guard let earlier else { return [] }
        return [(frame, connection), (earlier, connection)]
      }
    },
    wire("wire-sn-corrupted", "a bit of the sn of each second answer is turned", breaks: "rpc.answer.sn") {
      let count = NIOLockedValueBox(0)
      $0.sent = PeerMutation.each { frame in
        guard frame.sn != 0, frame.protocolId != 7 else { return }
        let turns = count.withLockedValue { count in
          count += 1
          return count % 2 == 0
        }
        if turns { frame.sn ^= 0x100 }
      }
    },
    wire("wire-payload-corrupted", "a bit of each payload is turned: no checksum would tell") {
      $0.sent = PeerMutation.each { frame in
        if frame.sn != 0, frame.protocolId != 7, !frame.payload.isEmpty { frame.payload[0] ^= 1 }
      }
    },
    wire("wire-magic-corrupted", "a bit of the magic of answers is turned", breaks: "frame.magic") {
      $0.wire = PeerMutation.answers { $0[0] ^= 0x10 }
    },
    wire("wire-length-corrupted", "a bit of the length of answers is turned", breaks: "frame.length.exact") {
      $0.wire = PeerMutation.answers { $0[3] ^= 0x01 }
    },
    wire("wire-length-huge", "the length of answers says four gigabytes", breaks: "frame.length.exact") {
      $0.wire = PeerMutation.answers { $0.replaceSubrange(2..<6, with: [0xFF, 0xFF, 0xFF, 0xFF]) }
    },
    wire("wire-frame-truncated", "answers lack their last byte", breaks: "frame.length.exact") {
      $0.wire = PeerMutation.answers { _ = $0.popLast() }
    },
    wire("wire-header-truncated", "answers end within their header", breaks: "frame.length.exact") {
      $0.wire = PeerMutation.answers { $0 = Array($0.prefix(10)) }
    },
    wire("wire-six-bytes", "answers are their first six bytes", breaks: "frame.length.exact") {
      $0.wire = PeerMutation.answers { $0 = Array($0.prefix(6)) }
    },
    wire("wire-message-empty", "answers are empty messages", breaks: "frame.length.exact") {
      $0.wire = PeerMutation.answers { $0 = [] }
    },
  ]

  private static let wireCuts: [Mutant] = [0, 1, 3, 12, 150, 400].flatMap { offset in
    PeerMutation.Cut.Kind.allCases.map { kind in
      wire("wire-\(kind.rawValue)-at-\(offset)", "the server's bytes end after \(offset) behind the 101: \(kind.words)")
      {
        $0.cut = PeerMutation.Cut(kind, at: offset)
      }
    }
  }

  private static func wire(
    _ name: String, _ fault: String, breaks requirements: RequirementID...,
    by change: @escaping @Sendable (inout PeerMutation) -> Void
  ) -> Mutant {
    Mutant(name, fault, breaks: requirements, check: "", change)
  }
}

extension PeerMutation.Cut.Kind {
  fileprivate var words: String {
    switch self {
    case .stall: "nothing more comes"
    case .end: "TCP is ended"
    case .reset: "TCP is reset"
    }
  }
}

extension PeerMutation {
  /// A hook that changes the bytes of each uncompressed message that answers a call of the client.
  fileprivate static func answers(
    _ change: @escaping @Sendable (inout [UInt8]) -> Void
  ) -> @Sendable (WireFrame) -> [WireFrame] {
    data { frame in
      // sn is even and not 0.
      guard frame.opcode == 2, frame.rsv == 0, frame.payload.count >= 14, frame.payload[10] % 2 == 0,
        frame.payload[10..<14].contains(where: { $0 != 0 })
      else { return }
      change(&frame.payload)
      frame.lengthForm = .minimal(for: UInt64(frame.payload.count))
    }
  }
}
