import Specification
import StrictJSON

/// Judges what an implementation compressed: never by its bytes, but by inflating them under the negotiated window.
enum CompressionJudge {
  /// Judges the output of `deflate.compress`.
  static func judge(_ output: JSONValue, input: JSONValue) -> Judgement {
    guard let wanted = messages(of: input) else { return fail("the vector has no messages") }
    guard let given = messages(of: output), output.objectValue?.count == 1 else {
      return fail("messages are missing, or are no byte strings")
    }
    guard given.count == wanted.count else {
      return fail("there are \(given.count) messages instead of \(wanted.count)")
    }
    let keepsContext = input["contextTakeover"]?.boolValue ?? true
    let windowBits = Int(input["windowBits"]?.intValue ?? 15)
    let longest = wanted.map(\.count).max() ?? 0
    var inflater = WindowedInflater(windowBits: windowBits, limit: longest + 1)
    for (index, data) in given.enumerated() {
      if !keepsContext { inflater.reset() }
      let message: WindowedInflater.Message
      do {
        message = try inflater.inflate(data)
      } catch {
        return fail("messages[\(index)] cannot be inflated with a window of \(windowBits) bits: \(reason(error))")
      }
      if message.keepsTail { return fail("messages[\(index)] still ends in the empty stored block 00 00 FF FF") }
      guard message.bytes == wanted[index] else { return fail("messages[\(index)] inflates to something else") }
    }
    return .pass
  }

  private static func messages(of value: JSONValue) -> [[UInt8]]? {
    guard let elements = value["messages"]?.arrayValue else { return nil }
    let messages = elements.compactMap { $0.stringValue.flatMap { Bytes(hex: $0)?.array } }
    return messages.count == elements.count ? messages : nil
  }

  private static func fail(_ reason: String) -> Judgement { Judgement(verdict: .fail, reason: reason) }

  private static func reason(_ fault: WindowedInflater.Fault) -> String {
    switch fault {
    case .truncated: "it ends within a block"
    case .badBlockType: "a block has the reserved type"
    case .badStoredLength: "the length of a stored block and its complement differ"
    case .badCode: "a Huffman code is not valid"
    case .badSymbol: "a symbol is not valid"
    case .distanceBeyondWindow(let distance): "a distance of \(distance) reaches beyond the window"
    case .tooLarge: "it inflates to more than was given"
    }
  }
}
