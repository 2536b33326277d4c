/// Something that was asked for cannot be had: an address, a file, a server. Exit code 2.
struct SetupFault: Error, CustomStringConvertible {
  let description: String

  init(_ description: String) { self.description = description }
}
