import PacketCapture

extension ConnectionInspector {
  /// One direction.
  struct Half {
    enum Mode {
      /// Nothing has come yet.
      case start
      /// What comes next is TLS.
      case encrypted
      /// What has come may be a proxy's header.
      case proxyHeader
      /// What comes asks a SOCKS proxy for a connection, or is its answer.
      case socks
      case http
      /// The client has asked for an upgrade or a tunnel, and what it sends now depends on the answer.
      case waiting
      case webSocket
      /// What comes is HTTP/2, or what a server of it begins with.
      case http2
      /// Nothing of interest.
      case dead
    }

    var mode = Mode.start
    var hasGap = false
    /// Whether what comes first is behind bytes that are missing, and may be TLS.
    var mayBeginTLS = false
    /// Whether bytes are missing before the upgrade, whose head may still come.
    var mayBeginHTTP = false
    var isFinished = false
    /// Whether what comes is content of the request for an upgrade.
    var isInUpgradeContent = false
    /// How many SOCKS proxies pass on what comes.
    var passedSOCKS: UInt8 = 0
    /// How many layers of TLS what comes goes through.
    var depth: UInt8 = 0
    /// The first byte that came, of what the last proxy passes on.
    var first: UInt8?
    /// What is only needed until frames come; nil: nothing is.
    private var beginning: Beginning?
    var webSocket: WebSocketStream?
    /// What is left of ``webSocket`` while the connection rests.
    var resting: WebSocketStream.Rest?
    var position = 0

    /// Whether nothing has come of it.
    var isUntouched: Bool { if case .start = mode { position == 0 && first == nil } else { false } }

    private final class Beginning {
      var http = HTTPStream()
      var proxyHeader: [UInt8] = []
      var socksBytes: [Piece] = []
      var waiting: [Piece] = []
      var waitingBytes = 0
    }

    /// Bytes that wait, and the packet that they came with.
    typealias Piece = (bytes: [UInt8], stamp: PacketStamp, isAhead: Bool)

    private mutating func begin() -> Beginning {
      if let beginning { return beginning }
      let new = Beginning()
      beginning = new
      return new
    }

    var http: HTTPStream {
      get { beginning?.http ?? HTTPStream() }
      _modify { yield &begin().http }
    }

    var proxyHeader: [UInt8] {
      get { beginning?.proxyHeader ?? [] }
      _modify { yield &begin().proxyHeader }
    }

    var socksBytes: [Piece] {
      get { beginning?.socksBytes ?? [] }
      _modify { yield &begin().socksBytes }
    }

    /// What the client sent behind its request for an upgrade, until the answer comes.
    var waiting: [Piece] {
      get { beginning?.waiting ?? [] }
      _modify { yield &begin().waiting }
    }

    var waitingBytes: Int {
      get { beginning?.waitingBytes ?? 0 }
      set { if newValue != waitingBytes { begin().waitingBytes = newValue } }
    }

    /// Whether frames come, and nothing else will.
    var carriesFramesOnly: Bool { mode == .webSocket && !mayBeginTLS && !mayBeginHTTP }

    mutating func forgetBeginning() { if carriesFramesOnly { beginning = nil } }
  }
}
