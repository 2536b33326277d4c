import Specification

/// How payloads are shown whole in a text for people: by name where the type of their message is known, else in a form.
struct PayloadView {
  var form = PayloadForm.auto
  /// The types of messages; nil: none is known.
  var types: PayloadTypes?

  /// Whether the payloads of a protocolId are shown by name.
  func names(_ protocolId: Int64) -> Bool { types?.type(of: protocolId) != nil }

  /// A payload in lines, as its form says.
  ///
  /// - Parameters:
  ///   - protocolId: What the frame is about; nil: nothing that may have a type.
  ///   - columns: How wide a line may be, 20 at least.
  ///   - line: Takes the lines; none of an empty payload without a type.
  func lines(
    of payload: RawSpan, protocolId: Int64?, _ charset: TextCharset, columns: Int, _ line: (String) -> Void
  ) {
    if writeNamed(payload, protocolId, columns, line) { return }
    form.lines(of: payload, charset, columns: columns, line)
  }

  /// The same where nobody asked for a form: JSON in lines, text with its lines, everything else in hexadecimal.
  func readable(
    _ payload: RawSpan, protocolId: Int64?, _ charset: TextCharset, columns: Int, _ line: (String) -> Void
  ) {
    if writeNamed(payload, protocolId, columns, line) { return }
    guard form == .auto, payload.byteCount > 0 else {
      return form.lines(of: payload, charset, columns: columns, line)
    }
    guard let text = RecordText.text(payload, charset) else {
      return PayloadForm.hex.lines(of: payload, charset, columns: columns, line)
    }
    if let first = text.first(where: { !$0.isWhitespace }), "{[".contains(first),
      var lines = JSONLines(text, columns: columns)
    {
      return lines.write(line)
    }
    PayloadForm.text.lines(of: payload, charset, columns: columns, line)
  }

  private func writeNamed(_ payload: RawSpan, _ protocolId: Int64?, _ columns: Int, _ line: (String) -> Void) -> Bool {
    guard let types, let protocolId, let type = types.type(of: protocolId) else { return false }
    do throws(MessageFault) {
      let message = try TypedMessage(payload.withUnsafeBytes { Array($0) }, type, of: types.schema)
      TypedMessageLines(message, columns: columns).write(line)
      return true
    } catch {
      let text = "! no \(types.schema.messages[type].name): \(error.text)"
      for part in TerminalText.wrap(TerminalText.escaped(text), to: columns) { line(part) }
      return false
    }
  }
}
