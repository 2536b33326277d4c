import FrameCodec
import Specification

/// A call of a connection that waits for its answer.
struct RequestName: Hashable {
  var role: PeerRole
  var sn: UInt32
}

/// The payloads of calls that get no answer, which are shown with them.
extension ConnectionInspector {
  /// Keeps the beginning of a request's payload, and forgets those that were answered.
  func keepRequest(_ header: FrameHeader, _ role: PeerRole, _ payload: RawSpan, _ result: CallPairing.Result) {
    for call in result.calls { _ = takeRequest(call.record.sn, call.record.role) }
    guard result.kind == .request, result.calls.isEmpty, let sn = header.sn else { return }
    let count = min(payload.byteCount, options.keptRequestBytes)
    let name = RequestName(role: role, sn: sn)
    _ = takeRequest(sn, role)
    guard count > 0, count <= output.requestBytesLeft else { return }
    output.requestBytesLeft -= count
    requestPayloads[name] = payload.extracting(first: count).withUnsafeBytes { Array($0) }
  }

  /// The payload that was kept of a call, which is not kept any more.
  func takeRequest(_ sn: UInt32, _ role: PeerRole) -> [UInt8] {
    guard let payload = requestPayloads.removeValue(forKey: RequestName(role: role, sn: sn)) else { return [] }
    output.requestBytesLeft += payload.count
    return payload
  }
}
