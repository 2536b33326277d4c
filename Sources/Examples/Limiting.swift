import WireproofPeer

/// Sets limits and deadlines.
func limit(_ configuration: inout ServerConfiguration) {
  // snippet: limits
  configuration.options.maxFrameLength = 64 * 1024
  configuration.options.readWait = .seconds(30)
  configuration.options.writeWait = .seconds(10)
  configuration.options.sendQueueLimit = 64
  configuration.policy.origins = ["https://example.com"]
  // end
}
