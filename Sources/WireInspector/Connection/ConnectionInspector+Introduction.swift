import FrameCodec

/// What a connection has to be known by before its record can be written.
final class Introduction {
  var detector = RevisionDetector()
  var waitingRecords = WaitingRecords()
  var requestTime: Int64?
  var answerTime: Int64?
  var statedClient: String?
  var socks: [SOCKSExchange] = []
  var undecodedMessages = 0
  var frameFaults = 0
}

extension ConnectionInspector {
  private func introduce() -> Introduction {
    if let introduction { return introduction }
    let new = Introduction()
    introduction = new
    return new
  }

  /// Tells the revision by the messages.
  var detector: RevisionDetector {
    get { introduction?.detector ?? RevisionDetector() }
    _modify { yield &introduce().detector }
  }

  /// What was found before the connection's record could be written.
  var waitingRecords: WaitingRecords {
    get { introduction?.waitingRecords ?? WaitingRecords() }
    _modify { yield &introduce().waitingRecords }
  }

  /// When the request for the upgrade and the answer to it were complete.
  var requestTime: Int64? {
    get { introduction?.requestTime }
    set { introduce().requestTime = newValue }
  }

  var answerTime: Int64? {
    get { introduction?.answerTime }
    set { introduce().answerTime = newValue }
  }

  /// The client's end as a proxy's header states it.
  var statedClient: String? {
    get { introduction?.statedClient }
    set { introduce().statedClient = newValue }
  }

  /// What SOCKS proxies are asked for, from the outermost on.
  var socks: [SOCKSExchange] {
    get { introduction?.socks ?? [] }
    set { introduce().socks = newValue }
  }

  /// Compressed messages that refer back to what was not captured.
  var undecodedMessages: Int {
    get { introduction?.undecodedMessages ?? 0 }
    set { introduce().undecodedMessages = newValue }
  }

  /// Frames that break a rule.
  var frameFaults: Int {
    get { introduction?.frameFaults ?? 0 }
    set { introduce().frameFaults = newValue }
  }

  /// Frames come, and nothing else will: the connection's record will not be written again.
  func forgetIntroduction() {
    if isWritten, halves[0].carriesFramesOnly, halves[1].carriesFramesOnly { introduction = nil }
  }
}
