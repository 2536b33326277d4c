import CaptureFile
import Testing

@testable import WireInspector

/// What is lost when packets are, and what is not.
@Suite struct LossTests {
  /// The frames that are left when those given are lost.
  private func without(_ lost: Set<String>, of frames: [String]) -> [String] { frames.filter { !lost.contains($0) } }

  @Test("A segment lost inside of a long answer costs that answer only", arguments: Array(0..<13))
  func segmentLostInside(_ number: Int) {
    var script = ConversationScript.whole()
    // The answer has 14 segments; its first holds the header.
    script.segments.remove(at: place(script, fromClient: false, 5 + number))
    let sink = script.inspected()
    #expect(sink.described(1).fromClient == ConversationScript.spoken.client)
    #expect(sink.described(1).fromServer == without(["8/4 #20000"], of: ConversationScript.spoken.server))
    let ids = Set(sink.findings.map(\.id))
    #expect(ids.contains("tcp.gap") && ids.contains("ws.truncated-message") && ids.contains("rpc.unanswered"))
    #expect(!ids.contains("ws.protocol-error") && !ids.contains("ws.resync") && !ids.contains("app.bad-magic"))
  }

  @Test("A lost header costs its message, and the next frame is found") func lostHeaderCosts() {
    var script = ConversationScript.whole()
    script.segments.remove(at: place(script, fromClient: false, 4))
    let sink = script.inspected()
    #expect(sink.described(1).fromServer == without(["8/4 #20000"], of: ConversationScript.spoken.server))
    #expect(sink.findings.contains { $0.id == "ws.resync" })
  }

  @Test("What answers a call that was lost, or came before the capture, breaks no rule", arguments: [false, true])
  func answersOfLostCalls(_ isMidstream: Bool) {
    var script = ConversationScript.whole()
    let call = place(script, fromClient: true, 1)
    if isMidstream { script.segments.removeFirst(call + 1) } else { script.segments.remove(at: call) }
    let sink = script.inspected()
    let orphans = sink.findings.filter { $0.id == "rpc.orphan-response" }
    #expect(!orphans.isEmpty && orphans.allSatisfy { $0.requirement == nil && $0.level == nil })
  }

  @Test("What is lost of the traffic before the upgrade costs nothing behind it") func lossBeforeUpgrade() {
    let preambles: [[(Bool, String)]] = [
      [
        (true, "GET / HTTP/1.1\r\nHost: h\r\n\r\n"), (false, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"),
        (true, "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 1\r\n\r\nx"), (false, "HTTP/1.1 204 No\r\n\r\n"),
      ],
      [(true, "CONNECT h:80 HTTP/1.1\r\nHost: h\r\n\r\n"), (false, "HTTP/1.1 200 OK\r\n\r\n")],
    ]
    for preamble in preambles {
      for lost in preamble.indices {
        var script = ConversationScript()
        script.open()
        for (index, part) in preamble.enumerated() {
          let place = script.segments.count
          script.send(part.0, Array(part.1.utf8))
          if index == lost { script.segments.remove(at: place) }
        }
        script.send(true, ConversationScript.request())
        script.send(false, ConversationScript.response())
        script.talk()
        script.close()
        let sink = script.inspected()
        #expect(sink.described(1).fromClient == ConversationScript.spoken.client, "without \(preamble[lost].1)")
        #expect(sink.described(1).fromServer == ConversationScript.spoken.server, "without \(preamble[lost].1)")
        #expect(sink.connections[1]?.status == 101 && sink.connections[1]?.handshake?.path == "/ws")
        #expect(!sink.findings.map(\.id).contains("http.no-response"))
      }
    }
  }

  @Test(
    "Of a message whose end is lost nothing is given, whatever else is missing",
    arguments: [
      ("fault_16_app_length-mismatch", [14, 22, 25, 39, 41, 56]),
      ("tcp_reordered", [6, 7, 13, 18, 53, 59, 73, 75, 77, 80]),
      ("calls_numbers", [14, 17, 28, 31]), ("calls_numbers", [12, 15, 26, 29]),
    ])
  func lossesOfBothSides(_ name: String, _ lost: [Int]) throws {
    var reader = CaptureReader()
    reader.feed(TemporaryFile.content(of: captureFile("generated/\(name).pcap")))
    reader.finish()
    let whole = RecordingSink()
    let damaged = RecordingSink()
    var all = CaptureInspection(options: InspectionOptions(), sink: whole)
    var part = CaptureInspection(options: InspectionOptions(), sink: damaged)
    var number = 0
    while let event = reader.next() {
      guard case .record(let record) = event else { continue }
      let bytes = reader.withBytes(of: record) { $0.withUnsafeBytes { Array($0) } }
      let time = record.timestampNanoseconds
      all.receive(bytes.span.bytes, linkType: 1, originalLength: bytes.count, time: time)
      if !lost.contains(number) {
        part.receive(bytes.span.bytes, linkType: 1, originalLength: bytes.count, time: time)
      }
      number += 1
    }
    all.finish()
    part.finish()
    #expect(!damaged.frames.isEmpty)
    // Numbers that are used again and answered again: what came between may be what was lost.
    let again = damaged.findings.filter { ["rpc.sn-reuse", "rpc.duplicate-response"].contains($0.id) }
    #expect(again.allSatisfy { $0.requirement == nil })
    #expect(again.isEmpty != name.hasPrefix("calls"))
    #expect(Set(whole.frames.map(\.payload)).isSuperset(of: damaged.frames.map(\.payload)))
  }

  @Test("A lost message costs nothing else", arguments: Array(0..<7))
  func lostMessageCosts(_ number: Int) {
    var script = ConversationScript.whole()
    // After the request for the upgrade the client's messages are one segment each, but for one of three.
    let index = place(script, fromClient: true, 1 + number)
    script.segments.remove(at: index)
    let sink = script.inspected()
    let spoken = ConversationScript.spoken.client
    #expect(sink.described(1).fromClient.count >= spoken.count - 1)
    #expect(sink.described(1).fromClient.allSatisfy(spoken.contains))
    #expect(sink.described(1).fromServer == ConversationScript.spoken.server)
    #expect(sink.findings.contains { $0.id == "tcp.gap" })
  }

  @Test("An answer that was captured before its call, which came late, is its answer") func answerCapturedBefore() {
    var script = ConversationScript.whole()
    // The client's next message, the server's answer, then the call.
    script.segments.swapAt(place(script, fromClient: true, 1), place(script, fromClient: true, 2))
    retime(&script)
    let sink = script.inspected()
    #expect(sink.described(1).fromClient == ConversationScript.spoken.client)
    #expect(sink.calls.contains { $0.record.sn == 2 && $0.record.outcome == .answered })
    #expect(!sink.findings.contains { $0.id == "rpc.orphan-response" })
  }

  @Test("A place that by chance leads to the next frame is not taken for one") func placeChanceLeads() {
    var script = ConversationScript()
    script.upgrade()
    // A message whose first byte is lost and whose payload holds what could be the header of a frame that ends where it does.
    let trap: [UInt8] = [0x82, 20] + ConversationScript.noise(20, seed: 3)
    let start = script.segments.count
    script.say(false, 1, 0, ConversationScript.noise(60, seed: 2) + trap)
    script.say(false, 2, 0, ConversationScript.noise(30, seed: 4))
    script.say(false, 3, 0, ConversationScript.noise(30, seed: 5))
    script.segments[start].data.removeFirst()
    script.segments[start].sequence &+= 1
    let sink = script.inspected()
    #expect(sink.described(1).fromServer == ["2/0 #30", "3/0 #30"])
    #expect(!sink.findings.contains { $0.id == "app.bad-magic" })
  }

  @Test("An upgrade whose answer is lost is an upgrade") func upgradeWhoseAnswer() {
    var script = ConversationScript.whole()
    script.segments.remove(at: place(script, fromClient: false, 0))
    let sink = script.inspected()
    #expect(sink.connections[1]?.handshake != nil)
    #expect(sink.described(1).fromClient == ConversationScript.spoken.client)
    #expect(sink.described(1).fromServer == ConversationScript.spoken.server)
    #expect(sink.findings.contains { $0.id == "http.no-response" })
  }

  @Test("An upgrade whose request is lost is an upgrade") func upgradeWhoseRequest() {
    var script = ConversationScript.whole()
    script.segments.remove(at: place(script, fromClient: true, 0))
    let sink = script.inspected()
    #expect(sink.connections[1]?.handshake == nil)
    #expect(sink.connections[1]?.status == 101)
    #expect(sink.described(1).fromClient == ConversationScript.spoken.client)
    #expect(sink.described(1).fromServer == ConversationScript.spoken.server)
  }

  @Test("A capture that begins anywhere gives every frame that begins in it", arguments: Array(3..<60))
  func captureBeginsAnywhere(_ start: Int) {
    let whole = ConversationScript.whole()
    var script = whole
    script.segments.removeFirst(min(start, script.segments.count - 1))
    let sink = script.inspected()
    func expected(_ isFromClient: Bool) -> [String] {
      whole.frames.filter { $0.isFromClient == isFromClient && $0.segment >= start }.map(\.description)
    }
    let found = sink.described(1)
    // With nothing but a frame or two that could be chance, or that hold no payload, it is not certain what this is.
    guard expected(true).count + expected(false).count > 0 else { return }
    #expect(found.fromClient == expected(true))
    #expect(found.fromServer == expected(false))
    #expect(!sink.findings.contains { $0.id == "app.bad-magic" })
    #expect(sink.connections[1]?.client == "10.0.0.1:40001")
  }

  @Test("Cut packets cost the messages that they carry") func cutPacketsCost() {
    var script = ConversationScript.whole()
    for index in script.segments.indices { script.segments[index].snapLength = 400 }
    let sink = script.inspected()
    #expect(sink.described(1).fromClient == without(["9/6 #3000"], of: ConversationScript.spoken.client))
    #expect(
      sink.described(1).fromServer == without(["8/4 #20000", "10/6 #2500"], of: ConversationScript.spoken.server))
    #expect(!sink.findings.contains { $0.id == "app.bad-magic" })
  }

  @Test("Packets cut inside of the handshake give no wrong frame", arguments: [54, 60, 70, 100, 150, 200])
  func packetsCutInside(_ length: Int) {
    var script = ConversationScript.whole()
    for index in script.segments.indices { script.segments[index].snapLength = length }
    let sink = script.inspected()
    let spoken = ConversationScript.spoken
    #expect(sink.described(1).fromClient.allSatisfy(spoken.client.contains))
    #expect(sink.described(1).fromServer.allSatisfy(spoken.server.contains))
  }

  @Test("Losses everywhere give no wrong frame", arguments: [1, 2, 7])
  func lossesEverywhereGive(_ seed: UInt64) {
    for round in 0..<40 {
      var script = ConversationScript.whole()
      var state = seed &* 977 &+ UInt64(round)
      script.segments = script.segments.filter { _ in
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return state >> 60 > 1
      }
      let sink = script.inspected()
      for number in sink.connections.keys {
        let found = sink.described(number)
        #expect(found.fromClient.allSatisfy(ConversationScript.spoken.client.contains))
        #expect(found.fromServer.allSatisfy(ConversationScript.spoken.server.contains))
      }
    }
  }
}
