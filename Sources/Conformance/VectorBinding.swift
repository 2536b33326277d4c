import GoldenVectors
import Specification
import StrictJSON

/// Whom a vector asks, and what binds it.
extension VectorSuite.Case {
  /// The strictest level among the requirements that bind whoever is asked. A vector may also name what its input shows
  /// of the other side, which is nobody's failure here; where it names nothing else, that counts.
  func strictestLevel(in catalogue: RequirementCatalogue) -> RequirementLevel {
    let levels = Set(binding(in: catalogue).map(\.level))
    return RequirementLevel.allCases.first(where: levels.contains) ?? .may
  }

  /// The requirements that bind whoever is asked; all of them where they are only about the other side.
  func binding(in catalogue: RequirementCatalogue) -> [Requirement] {
    let requirements = test.requirements.compactMap { catalogue[$0] }
    let binding = requirements.filter { !isOfOtherSide($0.role) }
    return binding.isEmpty ? requirements : binding
  }

  private func isOfOtherSide(_ role: RequirementRole) -> Bool {
    switch role {
    case .both: false
    case .sender: isDecoding
    case .receiver: isEncoding
    case .server: side == .client
    case .client: side == .server
    }
  }

  private var isDecoding: Bool {
    switch operation {
    case .frameDecode, .frameStream, .displacementDecode, .webSocketDecode, .deflateDecompress, .charsetDecode,
      .handshakeParse:
      true
    default: false
    }
  }

  private var isEncoding: Bool {
    switch operation {
    case .frameEncode, .displacementEncode, .webSocketEncode, .deflateCompress, .charsetEncode: true
    default: false
    }
  }

  /// The side that is asked, nil where either is.
  private var side: PeerRole? {
    switch operation {
    case .webSocketEncode, .webSocketDecode, .rpcTimeline:
      test.input["role"]?.stringValue.flatMap(PeerRole.init(rawValue:))
    case .deflateNegotiate, .handshakeParse: test.input["side"]?.stringValue.flatMap(PeerRole.init(rawValue:))
    case .handshakeRespond, .metadataParse, .negotiateSelect: .server
    default: nil
    }
  }
}
