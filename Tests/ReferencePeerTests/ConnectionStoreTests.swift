import ReferencePeer
import Testing

/// The values that a program keeps with a connection.
@Suite struct ConnectionStoreTests {
  @Test("What is set is there") func whatIsSetIsThere() {
    let store = ConnectionStore()
    #expect(store.value(for: "room") as String? == nil && store.count == 0)
    #expect(store.set("kitchen", for: "room") == nil)
    store.set(7, for: "count")
    #expect(store.value(for: "room") == "kitchen")
    #expect(store.value(for: "room", as: Int.self) == nil)
    #expect(store.set("hall", for: "room") as? String == "kitchen")
    #expect(store.keys.sorted() == ["count", "room"])
    #expect(store.removeValue(for: "room") as? String == "hall")
    #expect(store.removeValue(for: "room") == nil)
    store.removeAll()
    #expect(store.count == 0 && store.value(for: "count", as: Int.self) == nil)
  }

  @Test("A change is one step") func changesInOneStep() {
    let store = ConnectionStore()
    let length = store.withValue(for: "log", as: [Int].self) { log in
      log = (log ?? []) + [1]
      return log?.count ?? 0
    }
    #expect(length == 1 && store.value(for: "log") == [1])
    store.withValue(for: "log", as: [Int].self) { $0 = nil }
    #expect(store.count == 0)
  }

  @Test("A value of another type is replaced or kept") func aValueOfAnotherTypeIsReplacedOrKept() {
    let store = ConnectionStore()
    store.set("text", for: "key")
    store.withValue(for: "key", as: Int.self) { #expect($0 == nil) }
    #expect(store.value(for: "key") == "text")
    store.withValue(for: "key", as: Int.self) { $0 = 5 }
    #expect(store.value(for: "key") == 5)
  }

  @Test("An error comes through and the change stands") func anErrorComesThroughAndTheChangeStands() {
    struct Refusal: Error {}
    let store = ConnectionStore()
    #expect(throws: Refusal.self) {
      try store.withValue(for: "key", as: Int.self) { value in
        value = 3
        throw Refusal()
      }
    }
    #expect(store.value(for: "key") == 3)
  }

  @Test("Many tasks lose no change") func manyTasksLoseNoChange() async {
    let store = ConnectionStore()
    await withTaskGroup { group in
      for _ in 0..<8 {
        group.addTask {
          for _ in 0..<1000 { store.withValue(for: "count", as: Int.self) { $0 = ($0 ?? 0) + 1 } }
        }
      }
    }
    #expect(store.value(for: "count") == 8000)
  }

  /// A value whose end uses the store: released under the lock, it would wait for itself.
  @Test("Values may use the store when they go") func valuesMayUseTheStoreWhenTheyGo() {
    final class Leaving: Sendable {
      let store: ConnectionStore
      init(_ store: ConnectionStore) { self.store = store }
      deinit { store.withValue(for: "left", as: Int.self) { $0 = ($0 ?? 0) + 1 } }
    }
    let store = ConnectionStore()
    for _ in 0..<2 { store.set(Leaving(store), for: "a") }
    store.removeValue(for: "a")
    #expect(store.value(for: "left") == 2)
    store.set(Leaving(store), for: "a")
    store.withValue(for: "a", as: Leaving.self) { $0 = nil }
    #expect(store.value(for: "left") == 3)
    store.set(Leaving(store), for: "a")
    store.withValue(for: "a", as: Leaving.self) { $0 = Leaving(store) }
    #expect(store.value(for: "left") == 4)
    store.removeAll()
    #expect(store.value(for: "left") == 1)
  }
}
