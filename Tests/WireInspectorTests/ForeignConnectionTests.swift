import Specification
import Testing

@testable import WireInspector

/// Connections of other protocols over WebSocket: nobody is accused by them, and a faulty peer of this protocol is not taken for one.
@Suite("Connections of other protocols")
struct ForeignConnectionTests {
  struct Conversation: CustomTestStringConvertible, Sendable {
    var testDescription: String
    /// What the request's query says.
    var query = ""
    /// The subprotocol that is offered and selected.
    var subprotocol: String?
    /// Who sends a message, and whether it is a text.
    var messages: [(isFromClient: Bool, isText: Bool, bytes: [UInt8])]
    /// What is broken; nil: the connection is of another protocol.
    var broken: Set<String>?
  }

  private static let json = Array(#"{"type":"ping"}"#.utf8)
  private static let frame = ConversationScript.message(1, 2, [1])

  static let conversations: [Conversation] = [
    Conversation(
      testDescription: "another subprotocol", query: "uid=1", subprotocol: "graphql-ws", messages: [(true, true, json)]),
    Conversation(
      testDescription: "binary messages of another subprotocol", subprotocol: "mqtt",
      messages: [(true, false, [0x10, 0x0C, 0, 4, 0x4D]), (false, false, [0x20, 2, 0, 0])]),
    Conversation(testDescription: "texts of a server, no metadata", messages: [(false, true, json)]),
    Conversation(
      testDescription: "texts of both sides", query: "uid=1", messages: [(true, true, json), (false, true, json)]),
    Conversation(
      testDescription: "a server that answers a frame with text",
      messages: [(true, false, frame), (false, true, json)],
      broken: ["server frame.message.binary"]),
    Conversation(
      testDescription: "a server that greets with text", messages: [(false, true, json), (true, false, frame)],
      broken: ["server frame.message.binary"]),
    Conversation(
      testDescription: "a client with metadata that sends texts", query: "uid=1", messages: [(true, true, json)],
      broken: ["client frame.message.binary"]),
    Conversation(
      testDescription: "a client with a subprotocol of ours that sends texts", query: "uid=1", subprotocol: "ws.v3.c1",
      messages: [(true, true, json)], broken: ["client frame.message.binary"]),
    Conversation(
      testDescription: "a frame within a text", subprotocol: "chat",
      messages: [(true, true, Array(frame[..<2]) + json), (false, true, json)],
      broken: ["client frame.message.binary", "client ws.text.utf8", "server frame.message.binary"]),
  ]

  @Test("Who speaks another protocol is not judged by this one", arguments: conversations)
  func judged(_ conversation: Conversation) {
    var script = ConversationScript()
    let field = conversation.subprotocol.map { "Sec-WebSocket-Protocol: \($0)\r\n\r\n" } ?? "\r\n"
    script.open()
    script.send(true, ConversationScript.request(query: conversation.query).dropLast(2) + Array(field.utf8))
    script.send(false, ConversationScript.response().dropLast(2) + Array(field.utf8))
    for message in conversation.messages {
      let first: UInt8 = message.isText ? 0x81 : 0x82
      script.send(message.isFromClient, script.frame(message.isFromClient, first: first, message.bytes))
    }
    let conformance = CaptureConformance()
    script.inspect(into: conformance)
    let broken = conformance.results.filter(\.isProven).map { "\($0.role.rawValue) \($0.requirement)" }
    #expect(Set(broken) == conversation.broken ?? [])
    #expect(conformance.foreignConnections == (conversation.broken == nil ? 1 : 0))
    // Nor does what a stranger does right speak for anybody.
    #expect(conversation.broken != nil || conformance.results.isEmpty)
    let said = script.inspected().findings.filter { $0.id == "app.other-protocol" }
    #expect(said.count == (conversation.broken == nil ? 1 : 0) && said.allSatisfy { $0.requirement == nil })
  }
}
