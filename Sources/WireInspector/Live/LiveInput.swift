/// What is captured of a network interface, and how.
package struct LiveInput: Sendable {
  /// The interface's name; `any` for all.
  package var interface: String
  /// Where packets wait in the kernel until they are looked at, in MiB.
  package var bufferMegabytes = 16
  /// Who the process becomes when the capture is open: a user's name or number; nil: it stays who it is.
  package var user: String?

  /// The sizes that ``bufferMegabytes`` may have: libpcap counts bytes in 31 bits.
  package static let bufferSizes = 1...2047

  package init(interface: String) { self.interface = interface }
}
