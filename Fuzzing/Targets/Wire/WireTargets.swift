public import FuzzHarness

/// The decoders of what comes over the wire and out of captures.
public enum WireTargets {
  private static let targets: [String: FuzzTarget] = [
    "frame": FrameTarget.run, "websocket-client": WebSocketTarget.runAsClient,
    "websocket-server": WebSocketTarget.runAsServer, "inflate": InflateTarget.run, "gzip": InflateTarget.runGzip,
    "head": HeadTarget.run, "negotiation": NegotiationTarget.run, "charset": CharsetTarget.run,
    "capture": CaptureTarget.run, "tcp": SegmentsTarget.run, "inspect-text": InspectorTarget.run(.text),
    "inspect-full": InspectorTarget.run(.full), "inspect-dialogue": InspectorTarget.run(.dialogue),
    "inspect-ndjson": InspectorTarget.run(.ndjson),
    "inspect-html": InspectorTarget.run(.html), "inspect-csv": InspectorTarget.run(.csv),
    "inspect-stats": InspectorTarget.run(.statistics), "inspect-stats-ndjson": InspectorTarget.run(.statisticsNDJSON),
    "inspect-check": InspectorTarget.run(.check), "inspect-filter": InspectorTarget.run(.filter),
    "filter-expression": FilterTarget.run,
  ]

  /// The one that the environment names.
  public static let target = targets.chosen
}
