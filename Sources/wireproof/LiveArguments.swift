import ArgumentParser
import WireInspector

/// How a network interface is captured, beside its name.
struct LiveArguments: ParsableArguments {
  @Flag(help: "The interfaces that --interface takes, with their states and addresses, and nothing else.")
  var listInterfaces = false

  @Option(
    help: ArgumentHelp(
      "With --interface: where packets wait in the kernel, in MiB (default 16); more rides out longer bursts.",
      valueName: "mb"))
  var bufferSize: Int?

  @Option(
    help: ArgumentHelp(
      "With --interface: become this user as soon as everything is open, and drop the rights of root for good.",
      valueName: "uid|name"))
  var userId: String?

  func validate() throws {
    guard LiveInput.bufferSizes.contains(bufferSize ?? 16) else {
      throw ValidationError("--buffer-size must be between 1 and 2047 MiB.")
    }
  }

  /// Whether one is there that only an interface gives a meaning.
  var needInterface: Bool { bufferSize != nil || userId != nil }

  /// What is captured.
  func input(_ interface: String) -> InspectionInput {
    var input = LiveInput(interface: interface)
    if let bufferSize { input.bufferMegabytes = bufferSize }
    input.user = userId
    return .live(input)
  }
}
