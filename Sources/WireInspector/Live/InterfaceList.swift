import PacketCapture

/// The network interfaces that can be captured: `inspect --list-interfaces`.
package enum InterfaceList {
  /// A line for each: its name, its state, its addresses, and what the system says of it.
  ///
  /// - Throws: Why they cannot be listed.
  package static func text() throws(InspectionError) -> String {
    let devices: [CaptureDevice]
    do throws(LiveCapture.Fault) { devices = try CaptureDevice.all() } catch {
      throw InspectionError(message: "the interfaces cannot be listed: \(error.reason)")
    }
    guard !devices.isEmpty else {
      throw InspectionError(message: "there is no interface that could be captured; root may see some (sudo)")
    }
    return text(devices)
  }

  static func text(_ devices: [CaptureDevice]) -> String {
    let rows = devices.map { device in
      let rest = device.addresses.joined(separator: ", ")
      let description = device.description.map { "(\($0))" } ?? ""
      return [
        device.name, state(device), [rest, description].filter { !$0.isEmpty }.joined(separator: " "),
      ].map(TerminalText.escaped)
    }
    let widths = (0..<2).map { column in rows.map { TerminalText.width($0[column]) }.max() ?? 0 }
    return rows.map { row in
      let cells = zip(row, widths).map { $0 + String(repeating: " ", count: $1 - TerminalText.width($0) + 2) }
      return (cells.joined() + row[2]).trimmedEnd + "\n"
    }.joined()
  }

  private static func state(_ device: CaptureDevice) -> String {
    var words = [device.isUp ? device.isRunning ? "up" : "up, not connected" : "down"]
    if device.isLoopback { words.append("loopback") }
    return words.joined(separator: ", ")
  }
}

extension String {
  /// Without the spaces at its end.
  fileprivate var trimmedEnd: String {
    var text = self
    while text.last == " " { text.removeLast() }
    return text
  }
}
