/// What a conversation is told about its connection before it starts. Durations are nanoseconds.
public struct ConversationConfiguration: Sendable {
  /// The protocolIds that have a handler from the start.
  public var handlers: HandlerTable

  /// The first serial number to allocate; nil: 2 for a client, 3 for a server. A number of the peer's parity, 0 and 1 are
  /// moved to the next number of the own parity.
  public var nextSn: UInt32?

  /// How long the peer may be silent; nil: for ever.
  public var readWait: Int64?

  /// The write wait, of which 0.4 is the time between two pings (`KeepAlive.pingInterval(writeWait:)`); nil: no pings.
  public var writeWait: Int64?

  /// How long the end of a closing connection is awaited: the peer's close frame after ours, or at a client the
  /// transport's end after the peer's.
  public var closeWait: Int64

  /// How many frames may be queued and not yet written; nil: any number.
  public var queueLimit: Int?

  /// The protocolId of the displacement message: 0x7FFFFFFF, in revisions 1.1 and 1.2 -1.
  public var displacementProtocolId: Int64

  /// Describes a connection; without arguments one without handlers, deadlines, pings and queue limit, whose close wait is
  /// one second.
  public init(
    handlers: HandlerTable = HandlerTable(), nextSn: UInt32? = nil, readWait: Int64? = nil, writeWait: Int64? = nil,
    closeWait: Int64 = 1_000_000_000, queueLimit: Int? = nil, displacementProtocolId: Int64 = 0x7FFF_FFFF
  ) {
    self.handlers = handlers
    self.nextSn = nextSn
    self.readWait = readWait
    self.writeWait = writeWait
    self.closeWait = closeWait
    self.queueLimit = queueLimit
    self.displacementProtocolId = displacementProtocolId
  }
}
