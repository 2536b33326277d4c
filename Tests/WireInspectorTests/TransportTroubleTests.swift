import Testing

@testable import WireInspector

/// A trouble that costs nothing: every frame comes out.
struct HarmlessTrouble: Sendable, CustomTestStringConvertible {
  var name: String
  var required: Set<String> = []
  var change: @Sendable (inout ConversationScript) -> Void

  var testDescription: String { name }

  init(_ name: String, _ required: Set<String> = [], _ change: @escaping @Sendable (inout ConversationScript) -> Void) {
    self.name = name
    self.required = required
    self.change = change
  }
}

/// The place of the n-th segment with data of a side.
func place(_ script: ConversationScript, fromClient: Bool, _ number: Int) -> Int {
  var left = number
  for (index, segment) in script.segments.enumerated() where segment.isFromClient == fromClient && !segment.data.isEmpty
  {
    if left == 0 { return index }
    left -= 1
  }
  return script.segments.count - 1
}

/// Gives segments ascending times in the order in which they stand.
func retime(_ script: inout ConversationScript) {
  for index in script.segments.indices {
    script.segments[index].time = 1_700_000_000_000_000_000 + Int64(index) * 100_000
  }
}

let harmlessTroubles: [HarmlessTrouble] = [
  HarmlessTrouble("nothing") { _ in },
  HarmlessTrouble("every packet twice", ["capture.duplicate-packet", "tcp.dup-syn"]) { script in
    script.segments = script.segments.flatMap { [$0, $0] }
  },
  HarmlessTrouble("every packet again at the end", ["capture.duplicate-packet"]) { script in
    script.segments += script.segments.filter { !$0.data.isEmpty }
  },
  HarmlessTrouble("retransmissions with another identification", ["tcp.retransmission"]) { script in
    script.segments = script.segments.flatMap { segment -> [ConversationScript.Segment] in
      var again = segment
      again.identification &+= 7777
      return segment.data.isEmpty ? [segment] : [segment, again]
    }
  },
  HarmlessTrouble("a first SYN with another sequence number, unanswered", ["tcp.port-reuse"]) { script in
    var first = script.segments[0]
    first.sequence = 77
    script.segments.insert(first, at: 0)
  },
  HarmlessTrouble("keep-alive probes with any byte, also before the data", ["tcp.keep-alive"]) { script in
    for number in [7, 5, 3] {
      let index = place(script, fromClient: true, number)
      var probe = script.segments[index]
      probe.data = [~(probe.data.last ?? 0)]
      probe.flags = ConversationScript.ack
      probe.sequence = script.segments[index].sequence &+ UInt32(script.segments[index].data.count) &- 1
      // Before the data of which it repeats the last byte, or after them.
      script.segments.insert(probe, at: number == 5 ? index : index + 1)
    }
    retime(&script)
  },
  HarmlessTrouble("neighbours swapped", ["tcp.out-of-order"]) { script in
    let start = place(script, fromClient: false, 4)
    for index in stride(from: start, to: start + 12, by: 2) { script.segments.swapAt(index, index + 1) }
    retime(&script)
  },
  HarmlessTrouble("a burst backwards", ["tcp.out-of-order"]) { script in
    let start = place(script, fromClient: false, 4)
    script.segments[start..<start + 14].reverse()
    retime(&script)
  },
  HarmlessTrouble("a late segment after the acknowledgement of all", ["tcp.out-of-order", "tcp.ack-before-data"]) {
    script in
    let start = place(script, fromClient: false, 6)
    let segment = script.segments.remove(at: start)
    script.segments.insert(segment, at: start + 20)
    retime(&script)
  },
  HarmlessTrouble("a segment cut up again", ["tcp.retransmission"]) { script in
    let index = place(script, fromClient: false, 4)
    let segment = script.segments[index]
    for offset in stride(from: 0, to: 1448, by: 362) {
      var part = segment
      part.sequence &+= UInt32(offset)
      part.data = Array(segment.data[offset..<offset + 362])
      script.segments.insert(part, at: index + 1)
    }
  },
  HarmlessTrouble("two segments sent again as one", ["tcp.overlap"]) { script in
    let index = place(script, fromClient: false, 4)
    var both = script.segments[index]
    both.data += script.segments[index + 1].data
    script.segments[index + 1] = both
  },
  HarmlessTrouble("SYN and SYN-ACK twice", ["tcp.dup-syn"]) { script in
    script.segments.insert(script.segments[0], at: 1)
    script.segments.insert(script.segments[2], at: 3)
  },
  HarmlessTrouble("SYN late, long after its connection began", ["tcp.dup-syn"]) { script in
    script.segments.insert(script.segments[0], at: 20)
  },
  HarmlessTrouble("data before the SYN") { script in
    let syn = script.segments.remove(at: 0)
    script.segments.insert(syn, at: 4)
    retime(&script)
  },
  HarmlessTrouble("data before the SYN-ACK") { script in
    let synAck = script.segments.remove(at: 1)
    script.segments.insert(synAck, at: 4)
    retime(&script)
  },
  HarmlessTrouble("the handshake without its last packet") { script in script.segments.remove(at: 2) },
  HarmlessTrouble("no SYN") { script in script.segments.remove(at: 0) },
  HarmlessTrouble("no SYN-ACK") { script in script.segments.remove(at: 1) },
  HarmlessTrouble("no handshake", ["tcp.midstream"]) { script in script.segments.removeFirst(3) },
  HarmlessTrouble("FIN before the last data", ["tcp.out-of-order"]) { script in
    let index = script.segments.lastIndex { $0.isFromClient && !$0.data.isEmpty } ?? 0
    let data = script.segments.remove(at: index)
    let fin = script.segments.firstIndex { $0.flags & ConversationScript.fin != 0 } ?? 0
    script.segments.insert(data, at: fin + 1)
    retime(&script)
  },
  HarmlessTrouble("data past the FIN", ["tcp.data-after-fin"]) { script in
    var extra = script.segments.last { $0.isFromClient } ?? script.segments[0]
    extra.data = ConversationScript().segments.isEmpty ? [0x82, 0x80, 0, 0, 0, 0] : []
    extra.flags = ConversationScript.push
    script.segments.append(extra)
  },
  HarmlessTrouble("a reset far outside the window", ["tcp.rst-out-of-window"]) { script in
    let index = place(script, fromClient: true, 3)
    var reset = script.segments[index]
    reset.data = []
    reset.flags = ConversationScript.rst
    reset.sequence &-= 100_000
    script.segments.insert(reset, at: index)
  },
  HarmlessTrouble("a reset at the end", ["tcp.rst"]) { script in
    script.segments[script.segments.count - 1].flags = ConversationScript.rst
  },
  HarmlessTrouble("keep-alive probes", ["tcp.keep-alive"]) { script in
    let index = place(script, fromClient: true, 3)
    var probe = script.segments[index]
    probe.sequence &-= 1
    probe.data = [0x00]
    probe.flags = ConversationScript.ack
    script.segments.insert(probe, at: index)
    probe.data = []
    script.segments.insert(probe, at: index)
  },
  HarmlessTrouble("window probes", ["tcp.zero-window"]) { script in
    let index = place(script, fromClient: false, 4)
    var full = script.segments[index - 1]
    full.window = 0
    full.isFromClient = true
    full.flags = ConversationScript.ack
    full.data = []
    full.sequence = script.segments[index].acknowledgement
    full.acknowledgement = script.segments[index].sequence
    var probe = script.segments[index]
    probe.data = [probe.data[0]]
    script.segments.insert(contentsOf: [full, probe], at: index)
  },
  HarmlessTrouble("a damaged copy first", ["tcp.bad-checksum"]) { script in
    let index = place(script, fromClient: false, 5)
    var damaged = script.segments[index]
    damaged.data[100] ^= 0xFF
    damaged.hasBadChecksum = true
    script.segments.insert(damaged, at: index)
  },
  HarmlessTrouble("a damaged copy afterwards", ["tcp.bad-checksum"]) { script in
    let index = place(script, fromClient: false, 5)
    var damaged = script.segments[index]
    damaged.data[100] ^= 0xFF
    damaged.hasBadChecksum = true
    script.segments.insert(damaged, at: index + 1)
  },
  HarmlessTrouble("a copy with other bytes afterwards", ["tcp.overlap-conflict"]) { script in
    let index = place(script, fromClient: false, 5)
    var other = script.segments[index]
    other.data[100] ^= 0xFF
    script.segments.insert(other, at: index + 1)
  },
  HarmlessTrouble("an overlap with other bytes", ["tcp.overlap-conflict"]) { script in
    let index = place(script, fromClient: false, 5)
    var other = script.segments[index]
    other.data = other.data.map { $0 ^ 0xFF } + script.segments[index + 1].data
    script.segments.insert(other, at: index + 1)
  },
  HarmlessTrouble("checksums left to the network card") { script in
    for index in script.segments.indices { script.segments[index].hasBadChecksum = true }
  },
  HarmlessTrouble("sequence numbers wrap within the answer") { script in
    let shift = UInt32.max - script.serverSequence &+ 10_000
    for index in script.segments.indices {
      if script.segments[index].isFromClient {
        if script.segments[index].flags & ConversationScript.ack != 0 {
          script.segments[index].acknowledgement &+= shift
        }
      } else {
        script.segments[index].sequence &+= shift
      }
    }
  },
  HarmlessTrouble("one byte a segment") { script in
    script = ConversationScript()
    script.maximumSegment = 1
    script.upgrade()
    script.talk()
    script.close()
  },
  HarmlessTrouble("no times") { script in
    for index in script.segments.indices { script.segments[index].time = nil }
  },
  HarmlessTrouble("the client's packets are captured later than the server's") { script in
    // Two taps: each packet of the client is 30 packets late.
    let client = script.segments.enumerated().filter { $0.element.isFromClient }.map { ($0.offset + 30, $0.element) }
    let server = script.segments.enumerated().filter { !$0.element.isFromClient }.map { ($0.offset, $0.element) }
    script.segments = (client + server).sorted { $0.0 < $1.0 }.map(\.1)
    retime(&script)
  },
  HarmlessTrouble("the server's packets are captured later than the client's") { script in
    let client = script.segments.enumerated().filter { $0.element.isFromClient }.map { ($0.offset, $0.element) }
    let server = script.segments.enumerated().filter { !$0.element.isFromClient }.map { ($0.offset + 30, $0.element) }
    script.segments = (client + server).sorted { $0.0 < $1.0 }.map(\.1)
    retime(&script)
  },
]

@Suite struct TransportTroubleTests {
  @Test("A trouble that loses nothing changes no frame", arguments: harmlessTroubles)
  func troubleLosesNothing(_ trouble: HarmlessTrouble) {
    var script = ConversationScript.whole()
    trouble.change(&script)
    let sink = script.inspected()
    let found = sink.described(sink.connections.keys.first ?? 0)
    #expect(sink.connections.count == 1)
    #expect(found.client == "10.0.0.1:40001")
    #expect(found.fromClient == ConversationScript.spoken.client)
    #expect(found.fromServer == ConversationScript.spoken.server)
    let answered = sink.calls.filter { $0.record.outcome == .answered }.map(\.record.sn)
    #expect(answered.sorted() == [2, 3, 4, 6, 8])
    let ids = Set(sink.findings.map(\.id))
    #expect(ids.isSuperset(of: trouble.required), "found \(ids.sorted())")
    #expect(!ids.contains("tcp.gap") && !ids.contains("rpc.orphan-response"))
    #expect(ids.filter { $0.hasPrefix("ws.") || $0.hasPrefix("app.") } == [])
  }

  @Test("A new connection on the same ports is another connection, however near its numbers are")
  func newConnectionSame() {
    for distance: UInt32 in [1, 100, 70_000, 1 << 30, UInt32.max - 5] {
      for isClosed in [true, false] {
        var script = ConversationScript()
        script.upgrade()
        script.talk()
        if isClosed { script.close() }
        script.clientSequence &+= distance
        script.serverSequence &+= distance
        script.upgrade()
        script.talk()
        script.close()
        let sink = script.inspected()
        #expect(sink.connections.count == 2)
        for number in [1, 2] {
          #expect(sink.described(number).fromClient == ConversationScript.spoken.client)
          #expect(sink.described(number).fromServer == ConversationScript.spoken.server)
        }
        #expect(sink.findings.contains { $0.id == "tcp.port-reuse" })
      }
    }
  }

  @Test("Data on the SYN belong to the stream") func dataSYNBelong() {
    var script = ConversationScript()
    let request = ConversationScript.request()
    script.segment(true, flags: ConversationScript.syn, data: request)
    script.segment(false, flags: ConversationScript.syn | ConversationScript.ack)
    script.segment(true, flags: ConversationScript.ack)
    script.send(false, ConversationScript.response())
    script.talk()
    let sink = script.inspected()
    #expect(sink.described(1).fromClient == ConversationScript.spoken.client)
  }

  @Test("Segments in any order within a window come out in order", arguments: Array(0..<40))
  func segmentsAnyOrder(_ seed: Int) {
    var script = ConversationScript.whole()
    var state = UInt64(seed) &* 0x9E37_79B9_7F4A_7C15 &+ 1
    var index = 3
    while index < script.segments.count {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      let other = min(script.segments.count - 1, index + Int(state >> 60))
      script.segments.swapAt(index, other)
      index += 1
    }
    retime(&script)
    let sink = script.inspected()
    #expect(sink.described(1).fromClient == ConversationScript.spoken.client)
    #expect(sink.described(1).fromServer == ConversationScript.spoken.server)
    #expect(!sink.findings.contains { $0.id == "tcp.gap" || $0.id == "rpc.orphan-response" })
    #expect(sink.calls.filter { $0.record.outcome == .answered }.count == 5)
  }
}
