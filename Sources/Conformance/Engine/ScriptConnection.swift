import Deflate
import FrameCodec
import Glibc
import NIOConcurrencyHelpers
import NIOCore
import Negotiation
import ReferencePeer
import Specification
import WebSocketCodec

/// One TCP connection of a script: what came is kept in an inbox until a step asks for it, everything that goes over it is
/// written down. It never waits by itself, and nothing that the peer does can make it wait.
final class ScriptConnection: Sendable {
  /// What a connection does by itself.
  struct Habits: Hashable, Sendable {
    /// Answers pings.
    var answersPings = true

    /// Answers a close frame, and ends TCP when the peer does.
    var answersClose = true
  }

  /// How many things the inbox of a mock server holds before reading stops, until a rule takes some.
  private static let maximumItems = 50_000

  /// How many bytes of payload it holds before reading stops.
  private static let maximumBytes = 64 << 20

  struct State: @unchecked Sendable {
    // Unchecked for the inflaters and deflaters in it: classes that nobody reaches but through the lock.
    var reader: PeerReader
    var habits: Habits
    var items = Inbox()

    /// Tests of steps that wait: what meets one of them is theirs.
    var claims: [UInt64: ResolvedPattern] = [:]
    var nextClaim: UInt64 = 0
    var isEnded = false
    var isPaused = false
    var hasSentClose = false

    /// Where the masking keys of frames come from that a connection sends by itself; they are the same in each run.
    var maskingKeys: SeededGenerator

    /// How often each generator of masking keys was begun.
    var begunMaskingKeys: [SeededGenerator: UInt64] = [:]

    /// How many sends have put the beginning of a frame on the wire and not its end.
    var unfinishedSends = 0

    /// Is told each thing that comes, in order; it must not wait.
    var onItem: (@Sendable (InboxItem) -> Void)?

    /// How much may come beyond what was asked for, before the connection is given up; nil: any amount, reading pauses.
    var floodLimit: FloodLimit?

    /// How many bytes have come.
    var receivedBytes = 0

    /// What came, when it was more than the limit.
    var flood: String?

    /// What waits for their end, to be answered by itself.
    var heldAnswers: [RawFrame] = []
    var response: ReceivedResponse?
    var request: UpgradeRequest?
    var requestFault: HandshakeError?

    /// Whether it is a request of HTTP that asks for no upgrade at all.
    var isPlainRequest = false
    var observations: [PeerObservation] = []
    var lastSerialNumber: UInt32
    var calls = CallAccounts()

    /// What the connections of the case have sent.
    var payloads: SentPayloads?

    /// Whether the peer has sent a close frame.
    var hasGotClose = false

    /// Rules that the answer to the upgrade was held against, beside those for every answer.
    var answered: [RequirementID] = []
    var controls = ControlAccounts()
    var requests = RequestAccounts()
    var sentBytes = 0
    var resetAfter: Int?
    var deflater: Deflater?
    var takeoverDeflater: Deflater?
    var local = ""
    var remote = ""
    var uid = ""
  }

  /// The number of the connection in its case, from 1.
  let number: Int

  /// This side.
  let role: PeerRole

  /// The socket.
  let channel: any Channel

  /// Where everything is written down.
  let transcript: CaseTranscript

  /// Tells that something came.
  let changed = ChangeSignal()

  private let state: NIOLockedValueBox<State>

  /// A connection on a socket that may still be connecting.
  init(
    number: Int, role: PeerRole, channel: any Channel, transcript: CaseTranscript, revision: Revision,
    expecting: UpgradeExpectation?, habits: Habits
  ) {
    self.number = number
    self.role = role
    self.channel = channel
    self.transcript = transcript
    state = NIOLockedValueBox(
      State(
        reader: PeerReader(role: role, revision: revision, expecting: expecting), habits: habits,
        maskingKeys: SeededGenerator(seed: UInt64(number), "masking keys"),
        lastSerialNumber: role == .client ? 2 : 3))
  }

  /// Looks at the state, and may change it.
  func withState<Value: Sendable>(_ body: (inout State) -> Value) -> Value {
    state.withLockedValue { body(&$0) }
  }

  /// A masking key for a frame of a client; nil for a server, which masks nothing.
  func maskingKey() -> UInt32? {
    role == .client ? withState { UInt32(truncatingIfNeeded: $0.maskingKeys.next()) } : nil
  }

  /// The masking keys of a message: a step that is taken again has others (RFC 6455 5.3), the same in each run.
  func maskingKeys(from generator: SeededGenerator) -> SeededGenerator {
    let count = withState { state in
      defer { state.begunMaskingKeys[generator, default: 0] += 1 }
      return state.begunMaskingKeys[generator, default: 0]
    }
    guard count > 0 else { return generator }
    var first = generator
    return SeededGenerator(seed: first.next() &+ count, "again")
  }

  /// The address of this side, as `host:port`.
  var local: String { withState { $0.local } }

  /// The address of the peer, as `host:port`.
  var remote: String { withState { $0.remote } }

  /// Whether nothing more will come.
  var isEnded: Bool { withState { $0.isEnded } }

  /// What in the peer's behaviour broke a rule.
  var observations: [PeerObservation] { withState { $0.observations } }

  /// Lets what came behind the upgrade count for nothing.
  func disregardTraffic() {
    withState { state in
      state.observations.removeAll { $0.requirement.map(ObservedTraffic.request.requirements.contains) != true }
      state.reader.observed = []
    }
  }

  /// The rules that what came was held against.
  var observed: [RequirementID] {
    withState { state in
      var rules = state.reader.observed.flatMap(\.requirements) + state.answered
      let agreed = state.reader.compression
      // A window of 15 bits cannot be left, and what may refer back may.
      if agreed?.windowBits(from: role.peer) == 15 { rules.removeAll { $0 == "deflate.window" } }
      if agreed?.contextTakeover(from: role.peer) == true { rules.removeAll { $0 == "deflate.no-takeover" } }
      return rules
    }
  }

  // MARK: - The socket

  /// The socket is connected.
  func becameActive() {
    let local = Self.text(of: channel.localAddress)
    let remote = Self.text(of: channel.remoteAddress)
    // Told by the channel and by who opened it, perhaps at once.
    let isFirst = withState { state in
      guard state.remote.isEmpty else { return false }
      state.local = local
      state.remote = remote
      return true
    }
    guard isFirst else { return }
    transcript.record(.opened(local: local, remote: remote, isServer: role == .server), connection: number)
    changed.bump()
  }

  /// Bytes came.
  func received(_ bytes: [UInt8]) {
    guard !bytes.isEmpty, !withState({ $0.flood != nil }) else { return }
    withState { $0.receivedBytes += bytes.count }
    let time = transcript.record(.received(bytes), connection: number)
    process(at: time) { $0.read(bytes) }
  }

  /// The peer sent a FIN.
  func peerEnded() {
    let time = transcript.record(.endReceived, connection: number)
    process(at: time, ending: .fin) { $0.finish() }
    if withState({ $0.habits.answersClose }) { channel.close(promise: nil) }
  }

  /// The socket failed, most often because of a RST.
  func failed(_ error: any Error) {
    guard !isEnded else { return }
    let time = transcript.record(.resetReceived(Self.reason(of: error)), connection: number)
    let failure = TransportFault.failure(of: error)
    process(at: time, ending: .reset) { $0.finish(failure) }
  }

  /// The socket is closed.
  func becameInactive() {
    guard !isEnded else { return changed.bump() }
    let time = transcript.record(.endReceived, connection: number)
    process(at: time, ending: .fin) { $0.finish() }
  }

  /// Lets the reader do something, keeps what comes of it, and answers pings and close frames.
  ///
  /// - Parameter ending: How the peer ended the connection; what comes of that is never seen without the end itself. A step that
  ///   saw it alone would close the connection, and the end would pass for its own.
  private func process(
    at time: Int64, ending: InboxItem.End? = nil, _ body: (inout PeerReader) -> [PeerReader.Output]
  ) {
    var summaries: [String] = []
    var answers: [RawFrame] = []
    var fresh: [InboxItem] = []
    var onItem: (@Sendable (InboxItem) -> Void)?
    let (mayPause, endsTransport, isFlooded) = withState { state -> (Bool, Bool, Bool) in
      var endsTransport = false
      onItem = state.onItem
      for output in body(&state.reader) {
        switch output {
        case .response(let response):
          state.response = response
          summaries.append(response.summary)
        case .request(let request):
          state.request = request
          summaries.append("request of \(InertText.whole(request.path))")
        case .requestFault(let fault, let isPlain):
          state.requestFault = fault
          state.isPlainRequest = isPlain
          summaries.append("no upgrade request: \(fault.reason)")
        case .observation(let requirement, let reason):
          // A server of several revisions may take what was no right frame for one of another, and answer in that.
          let isProvoked =
            role == .client && state.calls.isUncertain && requirement.map(ObservedTraffic.frames.contains) == true
          state.observe(isProvoked ? nil : requirement, reason, connection: number, at: time)
          let item = InboxItem(time: time, content: .violation(reason))
          state.items.append(item)
          fresh.append(item)
          summaries.append("violation: \(reason)")
        case .item(let content):
          let item = InboxItem(time: time, content: content)
          state.items.append(item)
          fresh.append(item)
          summaries.append(item.summary)
          if case .frame(let frame) = content {
            if frame.sn ?? 0 != 0 { state.reader.observed.insert(.call) }
            if let other = state.payloads?.stranger(of: frame, on: number) {
              let reason = "a frame with sn \(frame.sn ?? 0) came with what connection #\(other) had sent"
              state.observe("rpc.isolation", reason, connection: number, at: time)
            } else if let fault = state.calls.received(frame, by: role) {
              state.observe(fault.0, fault.1, connection: number, at: time)
            }
          }
          if case .close = content { state.hasGotClose = true }
          if let answer = state.answer(to: content) {
            if state.unfinishedSends > 0 { state.heldAnswers.append(answer) } else { answers.append(answer) }
          }
          if case .close = content, role == .server, state.habits.answersClose { endsTransport = true }
        }
      }
      if let ending, !state.isEnded {
        state.isEnded = true
        let item = InboxItem(time: time, content: .end(ending))
        state.items.append(item)
        fresh.append(item)
      }
      if let limit = state.floodLimit {
        state.flood =
          state.flood
          ?? limit.excess(
            received: state.receivedBytes, sent: state.sentBytes, waiting: state.items.untakenCount,
            payload: state.items.bytes)
        return (false, endsTransport, state.flood != nil)
      }
      let isFull = state.items.count > Self.maximumItems || state.items.bytes > Self.maximumBytes
      let mayPause = isFull && !state.isPaused
      if mayPause { state.isPaused = true }
      return (mayPause, endsTransport, false)
    }
    for summary in summaries { transcript.record(.decoded(summary), connection: number) }
    if let onItem { fresh.forEach(onItem) }
    // Nothing more is read, and nobody waits for more.
    if isFlooded { return reset() }
    for answer in answers { send(automatic: answer) }
    if mayPause { setReading(false) }
    changed.bump()
    // RFC 6455 section 7.1.1: the server closes first.
    if endsTransport { end() }
  }

  /// Begins to read frames, on the side of a server that has answered.
  func open(_ deflate: DeflateParameters?) {
    process(at: transcript.now) { $0.open(deflate) }
  }

  private static func text(of address: SocketAddress?) -> String {
    guard let address, let host = address.ipAddress, let port = address.port else { return "" }
    return host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)"
  }

  private static func reason(of error: any Error) -> String {
    guard let error = error as? IOError else { return TransportFault.reason(of: error) }
    return error.errnoCode == ECONNRESET ? "connection reset by peer" : error.localizedReason
  }
}

extension ScriptConnection.State {
  /// What a connection answers by itself.
  mutating func answer(to content: InboxItem.Content) -> RawFrame? {
    switch content {
    case .ping(let payload) where habits.answersPings && !hasSentClose:
      return RawFrame(opcode: WebSocketOpcode.pong.rawValue, payload: Array(payload.prefix(125)))
    case .close(let body) where habits.answersClose && !hasSentClose:
      hasSentClose = true
      let code = body.code.flatMap { CloseBody.maySend($0) ? $0 : nil }
      return RawFrame(opcode: WebSocketOpcode.close.rawValue, payload: CloseBody(code: code).encoded())
    default: return nil
    }
  }

  /// Takes note of something that was sent and may hold any request.
  mutating func sentUnknown() {
    calls.sent(nil)
    requests.sentUnknown()
  }

  /// Takes note of a rule that was broken.
  mutating func observe(_ requirement: RequirementID?, _ reason: String, connection: Int, at time: Int64) {
    guard observations.count < 1000 else { return }
    observations.append(
      PeerObservation(requirement: requirement, reason: reason, connection: connection, nanoseconds: time))
  }
}
