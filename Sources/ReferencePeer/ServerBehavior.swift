import Negotiation

/// What a mock server does.
package enum ServerBehavior: String, CaseIterable, Sendable {
  /// The reference application.
  case reference

  /// Any WebSocket message comes back as it came; for outside WebSocket suites.
  case websocketEcho = "websocket-echo"

  /// The upgrade is granted, everything is read, and nothing is ever written.
  case blackhole

  /// How long a message `websocket-echo` takes, in bytes: 32 MiB.
  package static let echoLimit: UInt32 = 32 << 20

  /// Sets up a server so that it behaves like this.
  ///
  /// - Parameters:
  ///   - configuration: what is not the behavior's stays.
  ///   - slowDelay: how long the slow call of the reference application takes.
  package func apply(to configuration: inout ServerConfiguration, slowDelay: Duration = .seconds(2)) {
    switch self {
    case .reference: configuration.handlers = ReferenceApplication.serverHandlers(slowDelay: slowDelay)
    case .websocketEcho:
      // Such suites know a host and a port.
      configuration.policy.path = nil
      configuration.options.maxFrameLength = Self.echoLimit
      // They count every frame, so nothing is sent of our own accord: no pings.
      configuration.options.writeWait = nil
      configuration.messageHandler = Self.echo
    case .blackhole: configuration.options.isMute = true
    }
  }

  /// Sends each WebSocket message back.
  package static let echo: WebSocketMessageHandler = { isText, payload, connection in
    connection.sendWebSocketMessage(isText: isText, payload)
  }
}
