import NIOCore
import WireproofPeer

/// Keeps the last payload of each connection for later.
func keepLast(_ handlers: inout Handlers, in last: @escaping @Sendable ([UInt8]) -> Void) {
  // snippet: copy
  handlers.on(ProtocolId.request) { message, _ in
    last(Array(message.payload.readableBytesView))
  }
  // end
}
