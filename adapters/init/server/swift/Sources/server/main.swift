// A server of the goutils/ws protocol over WireproofPeer, which does frames, calls, the hub and keep-alive.
// The handlers are those of the application that wireproof probes: put yours beside them.
import NIOCore
import WireproofPeer

var configuration = ServerConfiguration()
configuration.port = CommandLine.arguments.dropFirst().first.flatMap(Int.init) ?? 8003
configuration.options.compression = CompressionOptions()

// Echo: of a call as its answer, else one-way. Handlers of this kind run on the event loop, so they must not wait.
configuration.handlers.on(2) { message, connection in
  connection.answer(message, 3, message.payload, completion: nil)
}

// The same, slowly. Handlers of this kind may wait.
configuration.handlers.onAsync(4) { message, connection in
  try await Task.sleep(for: .seconds(2))
  try await connection.answer(message, 5, message.payload)
}

// A call of the server, which reports the answer.
configuration.handlers.on(6) { message, connection in
  connection.call(7, message.payload, timeout: .seconds(30)) { answer in
    if case .success(let answer) = answer { connection.send(8, answer.payload, completion: nil) }
  }
}

// A burst. send waits for room in the queue, so a client that does not read slows down its own burst only.
configuration.handlers.onAsync(10) { _, connection in
  for number in 0..<100 { try await connection.send(11, ByteBuffer(string: "\(number)")) }
}

// A signal to fetch what is new: the puller of channel 1 runs once, however many signals come meanwhile.
configuration.handlers.on(12) { _, connection in
  connection.puller(channel: 1) { connection in
    try await connection.send(9, ByteBuffer(string: "pulled"))
  }.signal()
}

let server = try await Server.listen(configuration)
print("listening on \(server.url)")
try await Task.sleep(for: .seconds(Int32.max))
