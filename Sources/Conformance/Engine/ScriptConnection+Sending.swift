import Deflate
import Glibc
import NIOCore
import Specification
import WebSocketCodec

/// What goes over the connection to the peer.
extension ScriptConnection {
  /// Sends what a connection answers by itself.
  func send(automatic frame: RawFrame) {
    var frame = frame
    withState { $0.controls.sent(frame.opcode, frame.payload) }
    frame.maskingKey = maskingKey()
    var bytes: [UInt8] = []
    frame.append(to: &bytes)
    send(bytes)
  }

  /// From here on the wire may end in the middle of a frame, where no pong may stand: what is answered by itself waits.
  func beginPieces() {
    withState { $0.unfinishedSends += 1 }
  }

  /// What was begun with `beginPieces` is whole, once the event loop has written what was handed to it until now. What it
  /// reads before that it answers before that.
  func endPieces() {
    channel.eventLoop.execute {
      let answers = self.withState { state -> [RawFrame] in
        state.unfinishedSends -= 1
        guard state.unfinishedSends == 0 else { return [] }
        defer { state.heldAnswers = [] }
        return state.heldAnswers
      }
      for answer in answers { self.send(automatic: answer) }
    }
  }

  /// Hands bytes to the socket.
  ///
  /// - Returns: Done when the kernel has taken them, failed when the connection is gone.
  @discardableResult
  func send(_ bytes: [UInt8]) -> EventLoopFuture<Void> {
    let (kept, resets) = withState { state -> ([UInt8], Bool) in
      guard let limit = state.resetAfter, state.sentBytes + bytes.count >= limit else {
        state.sentBytes += bytes.count
        return (bytes, false)
      }
      let kept = Array(bytes.prefix(max(0, limit - state.sentBytes)))
      state.sentBytes += kept.count
      return (kept, true)
    }
    if !kept.isEmpty { transcript.record(.sent(kept), connection: number) }
    let written = channel.writeAndFlush(ByteBuffer(bytes: kept))
    if resets { written.whenComplete { _ in self.reset() } }
    return written
  }

  /// Ends TCP with a FIN, both ways.
  func end() {
    let isNew = withState { state -> Bool in
      defer { state.isEnded = true }
      if !state.isEnded { state.items.append(InboxItem(time: transcript.now, content: .end(.local))) }
      return !state.isEnded
    }
    if isNew { transcript.record(.endSent(both: true), connection: number) }
    channel.close(promise: nil)
    changed.bump()
  }

  /// Sends a FIN and goes on reading.
  func halfClose() {
    transcript.record(.endSent(both: false), connection: number)
    channel.close(mode: .output, promise: nil)
  }

  /// Ends TCP with a RST: closing a socket that lingers for no time sends one.
  func reset() {
    let isNew = withState { state -> Bool in
      defer { state.isEnded = true }
      if !state.isEnded { state.items.append(InboxItem(time: transcript.now, content: .end(.local))) }
      return !state.isEnded
    }
    if isNew { transcript.record(.resetSent, connection: number) }
    let channel = channel
    if let provider = channel as? any SocketOptionProvider {
      provider.setSoLinger(linger(l_onoff: 1, l_linger: 0)).whenComplete { _ in channel.close(promise: nil) }
    } else {
      channel.close(promise: nil)
    }
    changed.bump()
  }

  /// Stops reading from the socket, or goes on.
  func setReading(_ reads: Bool) {
    channel.setOption(ChannelOptions.autoRead, value: reads).whenComplete { _ in }
  }

  /// Allocates the next serial number of this side.
  func allocateSerialNumber() -> UInt32 {
    withState { state in
      if state.calls.hasAllocated { state.lastSerialNumber &+= 2 }
      state.calls.hasAllocated = true
      return state.lastSerialNumber
    }
  }

  /// Compresses a message under what was negotiated.
  ///
  /// - Parameter withTakeover: Whether it may refer back whatever was negotiated.
  func deflate(_ bytes: [UInt8], withTakeover: Bool) throws(DeflateError) -> [UInt8] {
    let result = withState { state -> Result<[UInt8], DeflateError> in
      do throws(DeflateError) {
        let parameters = state.reader.compression ?? DeflateParameters()
        let takeover = withTakeover || parameters.contextTakeover(from: role)
        var deflater = withTakeover ? state.takeoverDeflater : state.deflater
        if deflater == nil {
          deflater = try Deflater(windowBits: parameters.windowBits(from: role), contextTakeover: takeover, level: 6)
        }
        if withTakeover { state.takeoverDeflater = deflater } else { state.deflater = deflater }
        var output: [UInt8] = []
        try deflater?.deflate(bytes.span.bytes, into: &output)
        return .success(output)
      } catch {
        return .failure(error)
      }
    }
    return try result.get()
  }
}
