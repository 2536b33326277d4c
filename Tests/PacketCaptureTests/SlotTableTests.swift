import PacketCapture
import Testing

/// A table of objects must own each as long as it is there, and as long as it is lent.
@Suite struct SlotTableTests {
  private final class Counted {
    let number: Int
    let ended: (Int) -> Void

    init(_ number: Int, ended: @escaping (Int) -> Void) {
      self.number = number
      self.ended = ended
    }

    deinit { ended(number) }
  }

  @Test("Objects live until they are replaced, taken out, or the table ends")
  func owns() {
    var ended: [Int] = []
    do {
      let table = SlotTable<Counted>()
      for number in 0..<4 { table[number * 2] = Counted(number) { ended.append($0) } }
      #expect(table.count == 7)
      #expect(table.all.map(\.number) == [0, 1, 2, 3])
      #expect(table[1] == nil && table[99] == nil)
      table[0] = nil
      #expect(ended == [0])
      table[2] = Counted(9) { ended.append($0) }
      #expect(ended == [0, 1])
      #expect(table[2]?.number == 9)
    }
    #expect(ended.sorted() == [0, 1, 2, 3, 9])
  }

  @Test("What is lent lives until it is given back, though it is taken out meanwhile")
  func lends() {
    var ended: [Int] = []
    let table = SlotTable<Counted>()
    table[0] = Counted(7) { ended.append($0) }
    #expect(table.lend(1) { $0.number } == nil)
    let number = table.lend(0) { object in
      let inner = table.lend(0) { inner in
        table[0] = nil
        return inner.number
      }
      #expect(inner == 7)
      #expect(table[0] == nil && ended.isEmpty)
      return object.number
    }
    #expect(number == 7)
    #expect(ended == [7])
  }
}
