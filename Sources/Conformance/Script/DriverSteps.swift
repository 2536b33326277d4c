/// What a driven client is told to do, in one of the messages that it takes orders by.
struct OrderSpec: Hashable, Sendable {
  /// What a client can be told.
  enum Action: String, CaseIterable, Hashable, Sendable {
    case call, send, close, reconnect
  }

  /// The variable that gets the number of an order that names none.
  static let defaultName = "order"

  /// What it is to do.
  var action: Action

  /// The number; nil: the next one.
  var number: ScriptTemplate?

  /// The protocolId of the call or message; nil: 2.
  var id: ScriptTemplate?

  /// Its payload; nil: one that no other step sends.
  var payload: ScriptBytes?

  /// How long the client is to wait for an answer, in milliseconds.
  var timeout: ScriptTemplate?

  /// The variable that gets the number.
  var name = Self.defaultName
}

/// What a driven client reports about an order.
struct ReportPattern: Hashable, Sendable {
  /// The number of the order.
  var number: ScriptTemplate

  /// Whether it was carried out.
  var isDone: ScriptTemplate?

  /// The `sn` of the call. A client whose language hides it leaves it out.
  var sn: NumberPattern?

  /// The payload of the answer.
  var payload: BytesPattern?

  /// Why it was not carried out.
  var error: TextPattern?
}

/// A call that a driven client is told to make, that this side answers, and whose answer the client has to report.
struct ExchangeSpec: Hashable, Sendable {
  /// The order, whose action is `call`.
  var order: OrderSpec

  /// What the answer is; what is left out is id 3 with the `sn` and payload of the call.
  var answer: SendSpec
}

/// How often a client may connect within a time.
struct DialSpec: Hashable, Sendable {
  var count: NumberPattern
  var duration: ScriptTemplate
}
