import NIOConcurrencyHelpers
import StrictJSON
import Testing

@testable import Console

@Suite("The events that pages are told")
struct EventStreamTests {
  /// A page that takes what is written.
  private final class Listener: Sendable {
    private let written = NIOLockedValueBox<[[UInt8]]>([])

    func write(_ bytes: [UInt8]) { written.withLockedValue { $0.append(bytes) } }

    /// The writes so far, as text.
    var texts: [String] { written.withLockedValue { $0.map { String(decoding: $0, as: UTF8.self) } } }
  }

  @Test("What is known comes first, and what comes together goes out together")
  func order() {
    let (events, listener) = (EventStream(), Listener())
    let number = events.subscribe([["a": 1]]) { listener.write($0) }
    events.publish(["b": 2])
    events.publish(["c": 3])
    #expect(listener.texts.isEmpty)
    events.flush(number)
    #expect(listener.texts == ["data: {\"a\":1}\n\ndata: {\"b\":2}\n\ndata: {\"c\":3}\n\n"])
  }

  @Test("Nothing is written before what was written has been taken")
  func backPressure() {
    let (events, listener) = (EventStream(), Listener())
    let number = events.subscribe([["a": 1]]) { listener.write($0) }
    events.flush(number)
    events.publish(["b": 2])
    events.flush(number)
    #expect(listener.texts.count == 1)
    events.resume(number)
    events.flush(number)
    #expect(listener.texts.last == "data: {\"b\":2}\n\n")
  }

  @Test("For a page that takes nothing no more is kept than the limit, and it is told what it missed")
  func limit() {
    let (events, listener) = (EventStream(), Listener())
    let number = events.subscribe([]) { listener.write($0) }
    let event: JSONObject = ["text": .string(String(repeating: "x", count: 1 << 20))]
    for _ in 0..<10 { events.publish(event) }
    events.flush(number)
    let text = listener.texts.first ?? ""
    #expect(text.utf8.count < EventStream.limit + 1000)
    #expect(text.hasSuffix("data: {\"type\":\"missed\",\"count\":7}\n\n"))
    events.resume(number)
    events.publish(["b": 2])
    events.flush(number)
    #expect(listener.texts.last == "data: {\"b\":2}\n\n")
  }

  @Test("A page that is gone is forgotten")
  func gone() {
    let (events, listener) = (EventStream(), Listener())
    let number = events.subscribe([["a": 1]]) { listener.write($0) }
    #expect(events.isHeard)
    events.unsubscribe(number)
    events.flush(number)
    #expect(!events.isHeard)
    #expect(listener.texts.isEmpty)
  }

  @Test("A line break in a text begins no event of its own")
  func lineBreaks() {
    let (events, listener) = (EventStream(), Listener())
    let number = events.subscribe([["text": "a\n\ndata: {}\r\u{2028}"]]) { listener.write($0) }
    events.flush(number)
    #expect(listener.texts.first?.filter(\.isNewline).count == 2)
  }
}
