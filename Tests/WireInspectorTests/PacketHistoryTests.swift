import Testing

@testable import WireInspector

@Suite("The packets of late") struct PacketHistoryTests {
  private static func note(_ number: Int) -> PacketNote {
    PacketNote(number: number, time: nil, linkType: 1, frameCheckSequenceLength: 0, originalLength: 0)
  }

  @Test("Those of a connection are found from its newest back, as long as nothing newer took their place")
  func chains() {
    let capacity = 10_000
    let history = PacketHistory(capacity: capacity)
    var newest = [-1, -1, -1]
    var kept: [[(number: Int, bytes: [UInt8])]] = [[], [], []]
    for number in 1...5000 {
      let connection = number * number % 7 % 3
      let bytes = ConversationScript.noise(number * 37 % 400, seed: UInt64(number))
      newest[connection] = history.append(bytes.span.bytes, Self.note(number), previous: newest[connection])
      kept[connection].append((number, bytes))
      for (place, own) in zip(newest, kept) {
        let found = history.packets(from: place) { _, _ in true }
        // The newest of them, without a gap, and with the bytes that they had.
        #expect(found.map(\.note.number) == own.suffix(found.count).map(\.number))
        #expect(found.map(\.bytes) == own.suffix(found.count).map(\.bytes))
      }
      let all = newest.flatMap { history.packets(from: $0) { _, _ in true } }
      #expect(all.reduce(0) { $0 + $1.bytes.count } <= capacity)
      if number > 200 { #expect(all.count >= 20) }
    }
  }

  @Test("A packet that would take most of the memory is passed over, and its connection goes on")
  func large() {
    let history = PacketHistory(capacity: 10_000)
    let first = history.append([1, 2, 3].span.bytes, Self.note(1), previous: -1)
    let second = history.append([UInt8](repeating: 0, count: 5000).span.bytes, Self.note(2), previous: first)
    let third = history.append([4].span.bytes, Self.note(3), previous: second)
    #expect(history.packets(from: third) { _, _ in true }.map(\.note.number) == [1, 3])
  }

  @Test("The search ends where nobody wants more")
  func search() {
    let history = PacketHistory(capacity: 10_000)
    var newest = -1
    for number in 1...20 { newest = history.append([0].span.bytes, Self.note(number), previous: newest) }
    #expect(history.packets(from: newest) { note, _ in note.number > 17 }.map(\.note.number) == [18, 19, 20])
  }
}
