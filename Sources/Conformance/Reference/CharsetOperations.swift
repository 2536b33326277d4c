import Negotiation
import StrictJSON

/// `charset.decode` and `charset.encode`.
enum CharsetOperations {
  static func decode(_ input: OperationInput) throws(OperationInputMismatch) -> Answer {
    let charset = try charset(input)
    let bytes = try input.bytes("bytes")
    do throws(CharsetError) {
      return .output(["text": .string(try charset.decode(bytes))])
    } catch {
      return .error(error.code, offset: error.offset)
    }
  }

  static func encode(_ input: OperationInput) throws(OperationInputMismatch) -> Answer {
    let charset = try charset(input)
    let text = try input.text("text")
    do throws(CharsetError) {
      return .output(["bytes": .hex(try charset.encode(text))])
    } catch {
      return .error(error.code, offset: error.offset)
    }
  }

  private static func charset(_ input: OperationInput) throws(OperationInputMismatch) -> Charset {
    guard let charset = Charset(rawValue: try input.integer("charset")) else {
      throw OperationInputMismatch(name: "charset", expected: "known value of")
    }
    return charset
  }
}
