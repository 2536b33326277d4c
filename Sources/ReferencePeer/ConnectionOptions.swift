public import Deflate
public import FrameCodec

/// What both sides of a connection can be told: limits, deadlines, compression, revision.
public struct ConnectionOptions: Sendable {
  /// Which revision of the wire the connection speaks.
  public var revision = RevisionPolicy.fixed(.current)

  /// The largest `length` of a frame that is taken, in bytes (requirement `frame.length.limit`). It bounds the WebSocket
  /// message, on the wire and inflated, at six bytes more.
  public var maxFrameLength: UInt32 = FrameCodec.defaultMaxFrameLength

  /// How long the peer may be silent; nil: for ever.
  public var readWait: Duration? = .seconds(60)

  /// How long a frame may take to reach the socket, and 2.5 times the time between two pings; nil: for ever, and no pings.
  public var writeWait: Duration? = .seconds(60)

  /// How long the upgrade may take, from the TCP connection to the 101.
  public var handshakeWait: Duration = .seconds(10)

  /// How long the end of a closing connection is awaited: the peer's close frame, and then the end of its bytes.
  public var closeWait: Duration = .seconds(1)

  /// How many frames may wait to be written. Senders that can wait do so while it is full; others are refused.
  public var sendQueueLimit = 256

  /// How many handlers registered with `onAsync` may run at a time for one connection; while so many do, nothing more is read.
  public var runningHandlerLimit = 1024

  /// What the messages of such handlers may hold together, over all connections with the same budget; a connection beyond its share
  /// is not read.
  public var handlerBudget = HandlerBudget.shared

  /// How many messages may wait to be taken from `Connection.messages`; while so many do, or a mebibyte of them, nothing more is read.
  public var collectedMessageLimit = 256

  /// The largest payload of a WebSocket frame that is sent, in bytes; nil: each message goes in one frame.
  public var fragmentSize: Int?

  /// permessage-deflate; nil: it is neither offered nor accepted.
  public var compression: CompressionOptions?

  /// Logs every frame and puts an id into the payload of pings, as the original's debug mode does.
  public var isDebugging = false

  /// After the upgrade nothing is written, not even a pong: for clients that rehearse a server which has gone silent.
  public var isMute = false

  /// The options that the original has by default.
  public init() {}
}

/// Which revision of the wire a connection speaks.
public enum RevisionPolicy: Hashable, Sendable {
  /// Always this one.
  case fixed(Revision)

  /// A server tells it from the first frame of each client: FE EF is 1.3.3, FE EE is 1.2 if the rest parses whole as a
  /// P_MESSAGE and 1.3.0 if not, anything else 1.1. Until then, and at a client, it is the one given here.
  case detected(until: Revision)

  /// The revision to begin with.
  var initial: Revision {
    switch self {
    case .fixed(let revision), .detected(until: let revision): revision
    }
  }
}

/// How a peer compresses (RFC 7692).
public struct CompressionOptions: Hashable, Sendable {
  /// zlib's level: 0 (stored blocks) to 9, or -1 for zlib's default.
  public var level: Int

  /// Messages shorter than this are sent uncompressed, in bytes; 0 compresses all, as the original does.
  public var minimumLength: Int

  /// What a server asks for.
  public var acceptance: DeflateConfiguration

  /// What a client offers.
  public var offer: DeflateOffer

  /// What it offers besides, for servers that do not take the first (RFC 7692 §7): one of all holds.
  public var alternativeOffers: [DeflateOffer]

  /// Options; without arguments what the original speaks: no context takeover on either side, so that an idle connection
  /// holds no context.
  public init(
    level: Int = 6, minimumLength: Int = 0,
    acceptance: DeflateConfiguration = DeflateConfiguration(
      serverNoContextTakeover: true, clientNoContextTakeover: true),
    offer: DeflateOffer = DeflateOffer(serverNoContextTakeover: true, clientNoContextTakeover: true),
    alternativeOffers: [DeflateOffer] = []
  ) {
    self.level = min(max(level, -1), 9)
    self.minimumLength = minimumLength
    self.acceptance = acceptance
    self.offer = offer
    self.alternativeOffers = alternativeOffers
  }
}

extension CompressionOptions {
  /// The value of a request's `Sec-WebSocket-Extensions`.
  var offeredExtensions: String { ([offer] + alternativeOffers).map(\.headerValue).joined(separator: ", ") }
}

extension Duration {
  /// The duration in nanoseconds, at least 0 and at most what 64 bits hold.
  var nanoseconds: Int64 {
    let (seconds, attoseconds) = components
    let (product, overflow) = seconds.multipliedReportingOverflow(by: 1_000_000_000)
    if overflow { return seconds < 0 ? 0 : .max }
    let (sum, sumOverflow) = product.addingReportingOverflow(attoseconds / 1_000_000_000)
    return sumOverflow ? .max : max(sum, 0)
  }
}
