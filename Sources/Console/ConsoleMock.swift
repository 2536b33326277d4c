package import ReferencePeer

/// Something that the mock server can do.
package struct ConsoleBehavior: Sendable {
  /// What `--behavior` takes.
  package let name: String

  /// What it does, in a few words; empty where the name says it.
  package let title: String

  /// Where a list shows it.
  package let group: String

  /// A behavior.
  package init(name: String, title: String, group: String) {
    self.name = name
    self.title = title
    self.group = group
  }
}

/// The mock server, as far as the console changes it.
package protocol ConsoleMock: Sendable {
  /// Where clients connect to.
  var url: String { get }

  /// Its hub.
  var hub: Hub { get }

  /// All that it can do.
  var behaviors: [ConsoleBehavior] { get }

  /// Serves connections that come from now on in another way.
  ///
  /// - Parameters:
  ///   - name: One of `behaviors`.
  ///   - compress: Whether permessage-deflate is accepted; of no account where a script says it.
  /// - Throws: Why it cannot be; nothing has changed then.
  func select(_ name: String, compress: Bool) throws
}
