import PacketCapture

/// The filter for packets, which has to be made for each LINKTYPE.
extension CaptureInspection {
  mutating func filter(for linkType: UInt16) throws(InspectionError) -> PacketFilter? {
    guard let filterExpression else { return nil }
    if let known = filters[linkType] { return known }
    let filter = try Self.filter(filterExpression, linkType: linkType)
    filters[linkType] = filter
    return filter
  }

  static func filter(_ expression: String, linkType: UInt16) throws(InspectionError) -> PacketFilter {
    do throws(PacketFilterError) {
      return try PacketFilter(expression, linkType: linkType)
    } catch {
      throw InspectionError(message: "the filter \"\(expression)\" cannot be used: \(error.reason)")
    }
  }
}
