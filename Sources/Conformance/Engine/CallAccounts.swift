import Specification

/// Which requests went each way on a connection, to notice answers that nobody asked for.
struct CallAccounts: Sendable {
  /// Whether a serial number was allocated.
  var hasAllocated = false

  /// Requests of this side by serial number: how many wait for an answer.
  private var waiting: [UInt32: Int] = [:]

  /// The serial numbers that were answered.
  private var answered: Set<UInt32> = []

  /// Requests of the peer that wait for an answer.
  private var asked: Set<UInt32> = []

  /// The protocolIds of the calls that the peer was told to make.
  private var ordered: Set<Int64> = []

  /// The protocolIds of the one-way messages that the peer was told to send, and of its reports.
  private var messages: Set<Int64> = []

  /// Whether something was sent whose requests are not known, such as raw bytes.
  private(set) var isUncertain = false

  /// Nothing went either way.
  init() {}

  /// Takes note of something that was sent.
  mutating func sent(_ frame: ReceivedFrame?) {
    guard let frame else {
      isUncertain = true
      return
    }
    guard let sn = frame.sn, sn != 0 else { return }
    if asked.remove(sn) != nil { return }
    waiting[sn, default: 0] += 1
  }

  /// Takes note that the peer was told to make a call.
  mutating func order(_ id: Int64) { ordered.insert(id) }

  /// Takes note that the peer was told to send a one-way message, or sends such a one by itself.
  mutating func orderMessage(_ id: Int64) { messages.insert(id) }

  /// Takes note of a frame that came.
  ///
  /// - Returns: The requirement that it breaks, and how; nil: none that can be seen.
  mutating func received(_ frame: ReceivedFrame, by role: PeerRole) -> (RequirementID, String)? {
    guard let sn = frame.sn, sn != 0 else { return nil }
    if let count = waiting[sn] {
      waiting[sn] = count > 1 ? count - 1 : nil
      answered.insert(sn)
      return nil
    }
    if messages.contains(frame.id), !ordered.contains(frame.id) {
      return ("frame.sn.one-way", "a one-way message with the id \(frame.id) has the sn \(sn)")
    }
    // The peer's own parity: a call of the peer.
    if (sn % 2 == 0) == (role == .server) {
      if asked.insert(sn).inserted { return nil }
      // What nobody ordered may be anything, such as a word about a call that is given up.
      if !ordered.isEmpty, !ordered.contains(frame.id) { return nil }
      return ("rpc.sn.unique", "the sn \(sn) is used for two calls at once")
    }
    if ordered.contains(frame.id) {
      asked.insert(sn)
      return ("rpc.sn.parity", "a call has the sn \(sn), which is not of the caller's parity")
    }
    if isUncertain { return nil }
    if answered.contains(sn) { return ("rpc.answer.once", "the request \(sn) is answered twice") }
    return ("rpc.answer.sn", "an answer came with sn \(sn), which no request had")
  }
}
