import Deflate
import Specification
import StrictJSON

/// `deflate.negotiate`, `deflate.compress` and `deflate.decompress`.
enum DeflateOperations {
  static func negotiate(_ input: OperationInput) throws(OperationInputMismatch) -> Answer {
    let side: PeerRole = try input.choice("side")
    switch side {
    case .server:
      let offers = try input.text("offers")
      let configuration = try configuration(input.object("config"))
      do throws(DeflateNegotiationError) {
        let acceptance = try DeflateNegotiation.accept(offers: offers, configuration: configuration)
        return .output(["response": .text(acceptance?.headerValue)])
      } catch {
        return .error(error.code, offset: error.offset)
      }
    case .client:
      let offer = try input.text("offer")
      let response = try input.text("response")
      do throws(DeflateNegotiationError) {
        let parameters = try DeflateNegotiation.check(response: response, offer: offer)
        return .output(["parameters": parameters.map(json) ?? nil])
      } catch {
        return .error(error.code, offset: error.offset)
      }
    }
  }

  static func compress(_ input: OperationInput) throws(OperationInputMismatch) -> Answer {
    let messages = try input.byteStrings("messages")
    let windowBits: Int = try input.integerIfThere("windowBits") ?? 15
    let contextTakeover = try input.flag("contextTakeover", default: true)
    let level: Int = try input.integerIfThere("level") ?? 6
    do throws(DeflateError) {
      let deflater = try Deflater(windowBits: windowBits, contextTakeover: contextTakeover, level: level)
      var compressed: [JSONValue] = []
      for message in messages {
        var output: [UInt8] = []
        try deflater.deflate(message.span.bytes, into: &output)
        compressed.append(.hex(output))
      }
      return .output(["messages": .array(compressed)])
    } catch {
      return .error(error.code, offset: error.offset)
    }
  }

  static func decompress(_ input: OperationInput) throws(OperationInputMismatch) -> Answer {
    let messages = try input.byteStrings("messages")
    let windowBits: Int = try input.integerIfThere("windowBits") ?? 15
    let contextTakeover = try input.flag("contextTakeover", default: true)
    let maxLength: Int = try input.integerIfThere("maxLength") ?? 524_294
    var inflated: [JSONValue] = []
    do throws(DeflateError) {
      let inflater = try Inflater(windowBits: windowBits, contextTakeover: contextTakeover)
      for message in messages {
        var output: [UInt8] = []
        try inflater.inflate(message.span.bytes, maxLength: maxLength, into: &output)
        inflated.append(.hex(output))
      }
      return .output(["messages": .array(inflated)])
    } catch {
      return .error(error.code, index: inflated.count)
    }
  }

  private static func configuration(_ input: OperationInput) throws(OperationInputMismatch) -> DeflateConfiguration {
    DeflateConfiguration(
      serverNoContextTakeover: try input.flag("serverNoContextTakeover", default: false),
      clientNoContextTakeover: try input.flag("clientNoContextTakeover", default: false),
      serverMaxWindowBits: try input.integerIfThere("serverMaxWindowBits") ?? 15,
      clientMaxWindowBits: try input.integerIfThere("clientMaxWindowBits") ?? 15)
  }

  private static func json(_ parameters: DeflateParameters) -> JSONValue {
    [
      "serverNoContextTakeover": .bool(parameters.serverNoContextTakeover),
      "clientNoContextTakeover": .bool(parameters.clientNoContextTakeover),
      "serverMaxWindowBits": .number(parameters.serverMaxWindowBits),
      "clientMaxWindowBits": .number(parameters.clientMaxWindowBits),
    ]
  }
}
