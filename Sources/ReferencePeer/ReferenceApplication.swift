import Conversation
import NIOCore

/// The application that servers under test run unless their profile says otherwise, and that `wireproof serve` runs: each id
/// shows one ability of the protocol.
///
/// | id | what the server does |
/// |---|---|
/// | 2 | echoes the payload with id 3: as the answer of a call, or one-way |
/// | 4 | the same after the slow delay, with id 5 |
/// | 6 | calls the client with id 7 and that payload; when the answer comes, its payload goes out one-way with id 8 |
/// | 10 | sends 100 one-way messages with id 11 |
/// | 12 | signals the puller of channel 1, which sends an id 9 |
public enum ReferenceApplication {
  /// How many messages id 10 asks for.
  public static let burstCount = 100

  /// The handlers of the server.
  ///
  /// - Parameter slowDelay: how long id 4 takes.
  public static func serverHandlers(slowDelay: Duration = .seconds(2)) -> Handlers {
    var handlers = Handlers()
    handlers.on(2) { message, connection in
      connection.answer(message, 3, message.payload, completion: nil)
    }
    handlers.onAsync(4, on: .eventLoop) { message, connection in
      try await Task.sleep(for: slowDelay)
      try await connection.answer(message, 5, message.payload)
    }
    handlers.on(6) { message, connection in
      connection.call(7, message.payload, timeout: .seconds(30)) { answer in
        if case .success(let answer) = answer { connection.send(8, answer.payload, completion: nil) }
      }
    }
    handlers.onAsync(10, on: .eventLoop) { message, connection in
      for number in 0..<burstCount {
        try await connection.send(11, message.payload.readableBytes > 0 ? message.payload : text("\(number)"))
      }
    }
    handlers.on(12) { _, connection in
      connection.puller(channel: 1) { connection in
        try await connection.send(9, text("pulled"))
      }.signal()
    }
    return handlers
  }

  /// The handlers of a client: it answers the server's calls with id 7 by id 17 and their payload.
  public static func clientHandlers() -> Handlers {
    var handlers = Handlers()
    handlers.on(7) { message, connection in
      guard message.sn != 0 else { return }
      connection.answer(message, 17, message.payload, completion: nil)
    }
    return handlers
  }

  private static func text(_ text: String) -> ByteBuffer { ByteBuffer(string: text) }
}
