import ReferencePeer
import StrictJSON

/// What was seen while a client had its conversation with a faulty server.
struct MatrixObservation: Sendable {
  /// What the client was told to do, or was asked.
  struct Order: Hashable, Sendable {
    /// Its number.
    let seq: Int64
    /// Whether it is a call; else a one-way message.
    let isCall: Bool
    /// The protocolId of what the client sends.
    let id: Int64
    /// Its payload.
    let payload: [UInt8]
    /// How long a call waits, in milliseconds.
    let timeout: Int64
  }

  /// A report of the client.
  struct Report: Hashable, Sendable {
    let seq: Int64
    let isDone: Bool
    let error: String?
    let sn: UInt32?
    let payload: [UInt8]?
    let time: ContinuousClock.Instant

    /// Reads a report from what came in; nil: it is none.
    init?(_ frame: MutationWitness.Frame) {
      guard frame.protocolId == DriverCommand.reportId, let json = try? JSONParser.parse(frame.payload),
        let seq = json["seq"]?.intValue, let isDone = json["ok"]?.boolValue
      else { return nil }
      self.seq = seq
      self.isDone = isDone
      error = json["error"]?.stringValue
      sn = json["sn"]?.intValue.flatMap { UInt32(exactly: $0) }
      payload = json["payload"]?.stringValue.flatMap { Bytes(hex: $0) }?.array
      time = frame.time
    }
  }

  /// What the server said, and heard.
  var said: [MutationWitness.Frame] = []
  var heard: [MutationWitness.Frame] = []

  /// What the client was told to do on its first connection while that lasted.
  var orders: [Order] = []

  /// Whether the fault made a difference, and whether it lost some of what the client said.
  var isShown = false
  var isDeaf = false

  /// How many transports the client opened, and how many since its first connection had ended.
  var dials = 0
  var redials = 0

  /// Whether it got a connection.
  var isConnected = false

  /// How its first connection ended before the server closed it; nil: it was open until then.
  var end: ConnectionEnd.Cause?

  /// Whether it answered a ping or said anything in the second part of the conversation.
  var isAlive = true

  /// How its process ended by itself; nil: it did not.
  var processEnd: String?

  /// What a sanitizer said; nil: nothing.
  var sanitizer: String?

  /// Whether it was displaced in the end.
  var isDisplaced = false

  /// When the server closed the connection, or the watch ended.
  var closed = ContinuousClock.now

  /// How much of the time since a moment the client and this program waited for a processor.
  var lost: @Sendable (ContinuousClock.Instant) -> Duration = { _ in .zero }

  /// How much time passed between two moments in which nobody waited for a processor.
  func time(from start: ContinuousClock.Instant, to end: ContinuousClock.Instant) -> Duration {
    end - start - max(.zero, lost(start) - lost(end))
  }

  /// The reports, in their order.
  var reports: [Report] { heard.compactMap { Report($0) } }
}
