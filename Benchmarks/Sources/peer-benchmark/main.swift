// peer-benchmark serve KIND                              a server on one event-loop thread (ServerKind names them)
// peer-benchmark load PORT CONNECTIONS IN_FLIGHT CALLS   calls it, and says how long that took; "deflate" behind it: compressed
// peer-benchmark push PORT BURSTS_IN_FLIGHT MESSAGES     has it push, in bursts of 100
//
// Each is a process of its own, so that `peer.py` can tell the server's CPU time and memory from those of the load.
import Glibc
import NIOPosix

let arguments = CommandLine.arguments.dropFirst()
switch arguments.first {
case "serve":
  let kind = arguments.dropFirst().first.flatMap(ServerKind.init(rawValue:))
  guard let kind else { fatalError("serve \(ServerKind.allCases.map(\.rawValue).joined(separator: "|"))") }
  let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
  print(try await kind.start(on: group))
  fflush(nil)
  while readLine() != nil {}
case "load":
  let numbers = arguments.dropFirst().compactMap { Int($0) }
  guard numbers.count == 4 else { fatalError("load PORT CONNECTIONS IN_FLIGHT CALLS") }
  let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
  let load = Load(
    connections: numbers[1], inFlight: numbers[2], calls: numbers[3], isCompressed: arguments.last == "deflate")
  try await load.run(port: numbers[0], on: group)
case "push":
  let numbers = arguments.dropFirst().compactMap { Int($0) }
  guard numbers.count == 3 else { fatalError("push PORT BURSTS_IN_FLIGHT MESSAGES") }
  let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
  try await PushLoad(inFlight: numbers[1], messages: numbers[2]).run(port: numbers[0], on: group)
default: fatalError("serve, load or push")
}
