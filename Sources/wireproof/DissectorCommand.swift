import ArgumentParser
import WireInspector

/// `wireproof dissector`: the protocol for other programs.
struct DissectorCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "dissector",
    abstract: "Write a dissector of the frames for Wireshark, Kaitai Struct or Zeek.",
    discussion: """
      wireshark: a plugin in Lua, for tshark too: fields to filter on, calls with their response times, all revisions. \
      kaitai: a .ksy. zeek: a Spicy grammar. docs/dissectors.md says how each is used.
      """)

  @Argument(help: "wireshark, kaitai or zeek.")
  var program: DissectorKind

  func run() throws { print(program.text, terminator: "") }
}

extension DissectorKind: ExpressibleByArgument {}
