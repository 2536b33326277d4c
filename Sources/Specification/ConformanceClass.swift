/// A part of the protocol that an implementation can conform to on its own, as a server or as a client.
///
/// A class is met when every applicable requirement of level ``RequirementLevel/must`` in it passes. Reports name classes,
/// not percentages. (Specification, clause 18.)
public enum ConformanceClass: String, CaseIterable, Hashable, Sendable, CustomStringConvertible {
  /// Handshake, metadata, WebSocket framing, the frame of revision 1.3.3, keep-alive and closing.
  case core = "Core"

  /// Calls and answers.
  case rpc = "RPC"

  /// permessage-deflate.
  case compression = "Compression"

  /// Version and charset: what is selected at the handshake, and text in the selected charset.
  case negotiation = "Negotiation"

  /// One connection per identity, and displacement.
  case hub = "Hub"

  /// The wire of revision 1.1.
  case legacy1_1 = "Legacy-1.1"

  /// The wire of revision 1.2.
  case legacy1_2 = "Legacy-1.2"

  /// The wire of revision 1.3.0.
  case legacy1_3_0 = "Legacy-1.3.0"

  /// The name used in the catalogue and in reports.
  public var description: String { rawValue }
}
