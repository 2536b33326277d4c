/// What tells, beside what a case is about, that the peer still serves: what `alive` and `silence` exchange.
///
/// A peer whose every call or pong is wrong fails the cases about calls or pongs. It must not be accused of breaking all other
/// rules besides, so the others are then judged by weaker signs.
package struct SignsOfLife: Hashable, Sendable {
  /// How an echo is asked for.
  package enum Echo: Sendable {
    case call, oneWay, none
  }

  /// The echo.
  package var echo: Echo

  /// Whether a ping has to be answered, too.
  package var ping: Bool

  /// A call and a ping.
  package static let all = SignsOfLife(echo: .call, ping: true)

  /// The others, from the strongest on.
  package static let weaker = [
    SignsOfLife(echo: .call, ping: false), SignsOfLife(echo: .oneWay, ping: true),
    SignsOfLife(echo: .oneWay, ping: false), SignsOfLife(echo: .none, ping: true),
  ]

  /// For people.
  package var description: String {
    switch (echo, ping) {
    case (.call, true): "a call and a ping"
    case (.call, false): "a call"
    case (.oneWay, true): "a one-way echo and a ping"
    case (.oneWay, false): "a one-way echo"
    case (.none, _): "a ping"
    }
  }
}
