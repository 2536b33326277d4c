import CaptureFile
import PacketCapture
import Specification

/// Writes connections whose bytes have pseudonyms in them as a capture: new packets, with the times and the ends, losses and cuts of the old.
final class RedactedCapture {
  private struct Flow {
    var flow: SynthesisedFlow
    var client: Direction
  }

  private let chosen: Set<Int>
  private let output: CaptureOutput
  private let interface: Int
  private var flows: [Int: Flow] = [:]
  /// Ends of connections that began before the capture, of which nothing has been written.
  private var waiting: [Int: [Endpoint]] = [:]
  private var lastTime: Int64 = 0

  init(of chosen: Set<Int>, to output: CaptureOutput) {
    self.chosen = chosen
    self.output = output
    interface = output.interface(like: CaptureInterface(linkType: SynthesisedFlow.linkType))
  }

  func open(_ number: Int, _ endpoints: [Endpoint], client: Direction?, _ stamp: PacketStamp) {
    guard chosen.contains(number) else { return }
    waiting[number] = endpoints
    guard let client else { return }
    begin(number, client: client, isMidstream: false, stamp)
  }

  private func begin(_ number: Int, client: Direction, isMidstream: Bool, _ stamp: PacketStamp) {
    guard let endpoints = waiting.removeValue(forKey: number),
      let first = Self.end(endpoints[client]), let second = Self.end(endpoints[1 - client])
    else { return }
    var flow = SynthesisedFlow(client: first, server: second, interface: interface)
    let time = time(stamp)
    if isMidstream {
      flow.join(at: time)
    } else {
      output.write { writer throws(CaptureWriteError) in try flow.open(at: time, into: &writer) }
    }
    flows[number] = Flow(flow: flow, client: client)
  }

  private static func end(_ endpoint: Endpoint) -> SynthesisedFlow.Endpoint? {
    SynthesisedFlow.Endpoint(address: endpoint.address.networkBytes, port: endpoint.port)
  }

  func data(_ number: Int, _ direction: Direction, _ bytes: [UInt8], _ stamp: PacketStamp) {
    change(number, stamp) { flow, client, time, writer throws(CaptureWriteError) in
      try flow.data(from: direction == client ? .client : .server, bytes, at: time, into: &writer)
    }
  }

  func missing(_ number: Int, _ direction: Direction, _ count: Int, isCut: Bool, _ stamp: PacketStamp) {
    change(number, stamp) { flow, client, time, writer throws(CaptureWriteError) in
      let sender: PeerRole = direction == client ? .client : .server
      if isCut { try flow.cut(from: sender, count, at: time, into: &writer) } else { flow.skip(from: sender, count) }
    }
  }

  func end(_ number: Int, _ direction: Direction, byReset: Bool, _ stamp: PacketStamp) {
    change(number, stamp) { flow, client, time, writer throws(CaptureWriteError) in
      let sender: PeerRole = direction == client ? .client : .server
      if byReset {
        try flow.reset(from: sender, at: time, into: &writer)
      } else {
        try flow.finish(from: sender, at: time, into: &writer)
      }
    }
  }

  private func change(
    _ number: Int, _ stamp: PacketStamp,
    _ body: (inout SynthesisedFlow, Direction, Int64, inout CaptureWriter) throws(CaptureWriteError) -> Void
  ) {
    // Who is the client does not matter to packets in the middle of a connection.
    if waiting[number] != nil { begin(number, client: 0, isMidstream: true, stamp) }
    guard var known = flows[number] else { return }
    let time = time(stamp)
    output.write { writer throws(CaptureWriteError) in try body(&known.flow, known.client, time, &writer) }
    flows[number] = known
  }

  /// Times never go back, as the file's order is that in which bytes became complete.
  private func time(_ stamp: PacketStamp) -> Int64 {
    lastTime = max(lastTime, stamp.time ?? lastTime)
    return lastTime
  }
}
