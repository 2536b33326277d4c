/// A key, or a combination of keys, as far as editing a line knows it.
enum Key: Hashable, Sendable {
  case character(Unicode.Scalar)
  case enter, backspace, delete
  case left, right, wordLeft, wordRight, home, end, up, down
  case killToEnd, killToStart, killWordBefore, killWordAfter, yank
  case interrupt, endOfInput, suspend, clearScreen
}

/// Finds the keys in the bytes that a terminal sends: UTF-8, control characters, and the escape sequences of ECMA-48 as
/// xterm and its relatives use them. What is none of these is left out.
struct KeyDecoder: Sendable {
  private enum State {
    case ground
    /// Inside a UTF-8 sequence: its value so far, the bytes still to come, and the smallest value that needs so many.
    case sequence(value: UInt32, left: Int, smallest: UInt32)
    case escape
    /// After ESC O.
    case singleShift
    /// After ESC [, with the parameter bytes so far.
    case control([UInt8])
  }

  /// Longer parameters belong to nothing that is known here.
  private static let maximumParameters = 32
  private static let escape: UInt8 = 0x1B

  private var state = State.ground

  /// Takes in a byte; gives the key that it completes, if it does.
  mutating func decode(_ byte: UInt8) -> Key? {
    switch state {
    case .ground: return begin(byte)
    case .sequence(let value, let left, let smallest):
      guard byte & 0xC0 == 0x80 else { return begin(byte) }
      let next = value << 6 | UInt32(byte & 0x3F)
      if left > 1 {
        state = .sequence(value: next, left: left - 1, smallest: smallest)
        return nil
      }
      state = .ground
      guard next >= smallest, next >= 0xA0, let scalar = Unicode.Scalar(next) else { return nil }
      return .character(scalar)
    case .escape: return afterEscape(byte)
    case .singleShift:
      guard byte >= 0x20 else { return begin(byte) }
      state = .ground
      return byte == UInt8(ascii: "M") ? .enter : cursorKey(byte, withModifier: false)
    case .control(let parameters): return inControlSequence(byte, parameters)
    }
  }

  private mutating func begin(_ byte: UInt8) -> Key? {
    state = .ground
    switch byte {
    case 0x20..<0x7F: return .character(Unicode.Scalar(byte))
    case Self.escape: state = .escape
    case 0xC2...0xDF: state = .sequence(value: UInt32(byte & 0x1F), left: 1, smallest: 0x80)
    case 0xE0...0xEF: state = .sequence(value: UInt32(byte & 0x0F), left: 2, smallest: 0x800)
    case 0xF0...0xF4: state = .sequence(value: UInt32(byte & 0x07), left: 3, smallest: 0x1_0000)
    default: return controlKey(byte)
    }
    return nil
  }

  /// The control characters that readline and the terminals' own line editing give a meaning.
  private func controlKey(_ byte: UInt8) -> Key? {
    switch byte {
    case 0x01: .home
    case 0x02: .left
    case 0x03: .interrupt
    case 0x04: .endOfInput
    case 0x05: .end
    case 0x06: .right
    case 0x08, 0x7F: .backspace
    case 0x0A, 0x0D: .enter
    case 0x0B: .killToEnd
    case 0x0C: .clearScreen
    case 0x0E: .down
    case 0x10: .up
    case 0x15: .killToStart
    case 0x17: .killWordBefore
    case 0x19: .yank
    case 0x1A: .suspend
    default: nil
    }
  }

  /// The second byte of an escape sequence, or a key pressed with Alt.
  private mutating func afterEscape(_ byte: UInt8) -> Key? {
    switch byte {
    case UInt8(ascii: "["): state = .control([])
    case UInt8(ascii: "O"): state = .singleShift
    case 0x00..<0x20: return begin(byte)
    default:
      state = .ground
      switch byte {
      case UInt8(ascii: "b"): return .wordLeft
      case UInt8(ascii: "f"): return .wordRight
      case UInt8(ascii: "d"): return .killWordAfter
      case 0x7F: return .killWordBefore
      default: return nil
      }
    }
    return nil
  }

  private mutating func inControlSequence(_ byte: UInt8, _ parameters: [UInt8]) -> Key? {
    switch byte {
    case 0x20..<0x40:
      state = parameters.count < Self.maximumParameters ? .control(parameters + [byte]) : .ground
      return nil
    case 0x40..<0x7F: break
    default: return begin(byte)
    }
    state = .ground
    guard byte == UInt8(ascii: "~") else {
      // The second parameter tells which of Shift, Alt and Control were held.
      return cursorKey(byte, withModifier: parameters.contains(UInt8(ascii: ";")))
    }
    switch parameters.prefix(while: { $0 != UInt8(ascii: ";") }) {
    case [UInt8(ascii: "1")], [UInt8(ascii: "7")]: return .home
    case [UInt8(ascii: "4")], [UInt8(ascii: "8")]: return .end
    case [UInt8(ascii: "3")]: return .delete
    default: return nil
    }
  }

  private func cursorKey(_ final: UInt8, withModifier: Bool) -> Key? {
    switch final {
    case UInt8(ascii: "A"): .up
    case UInt8(ascii: "B"): .down
    case UInt8(ascii: "C"): withModifier ? .wordRight : .right
    case UInt8(ascii: "D"): withModifier ? .wordLeft : .left
    case UInt8(ascii: "H"): .home
    case UInt8(ascii: "F"): .end
    default: nil
    }
  }
}
