public import Deflate
public import Negotiation

/// What is known about a connection from its upgrade on, and does not change.
public final class ConnectionDetails: Sendable {
  /// What the client said about itself.
  public let metadata: ConnectionMetadata

  /// `uid-typed-deviceId-source`: what the hub knows the connection by.
  public let identity: [UInt8]

  /// The version and the charset that hold.
  public let selection: NegotiatedSelection

  /// The address of the peer as displacements show it.
  public let address: [UInt8]

  /// What was agreed on permessage-deflate; nil: nothing.
  public let deflate: DeflateParameters?

  /// Puts details together.
  package init(
    metadata: ConnectionMetadata, selection: NegotiatedSelection, address: [UInt8], deflate: DeflateParameters?,
    identity: [UInt8]? = nil
  ) {
    self.metadata = metadata
    self.identity = identity ?? metadata.identity()
    self.selection = selection
    self.address = address
    self.deflate = deflate
  }

  /// The identity as text, with U+FFFD for what is no UTF-8.
  public var identityText: String { String(decoding: identity, as: UTF8.self) }

  /// The address as text, with U+FFFD for what is no UTF-8.
  public var addressText: String { String(decoding: address, as: UTF8.self) }
}
