// peer-benchmark serve peer|peer-deflate|websocket|channel   a server on one event-loop thread
// peer-benchmark load PORT CONNECTIONS IN_FLIGHT CALLS       calls it, and says how long that took
//
// Each is a process of its own, so that `peer.py` can tell the server's CPU time and memory from those of the load.
import Glibc
import NIOPosix

let arguments = CommandLine.arguments.dropFirst()
switch arguments.first {
case "serve":
  let kind = arguments.dropFirst().first.flatMap(ServerKind.init(rawValue:))
  guard let kind else { fatalError("serve peer|peer-deflate|websocket|channel") }
  let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
  print(try await kind.start(on: group))
  fflush(nil)
  while readLine() != nil {}
case "load":
  let numbers = arguments.dropFirst().compactMap { Int($0) }
  guard numbers.count == 4 else { fatalError("load PORT CONNECTIONS IN_FLIGHT CALLS") }
  let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
  let load = Load(connections: numbers[1], inFlight: numbers[2], calls: numbers[3])
  try await load.run(port: numbers[0], on: group)
default: fatalError("serve or load")
}
