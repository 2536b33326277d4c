import Negotiation

/// Statistics as JSON, an object a line.
struct StatisticsLines {
  let output: OutputBuffer

  func connection(_ number: Int, _ entry: BusiestFigures<Int>.Entry) {
    begin("connection", connection: number)
    output.text(",\"client\":")
    string(entry.record?.client)
    output.text(",\"server\":")
    string(entry.record?.server)
    output.text(",\"identity\":")
    if let handshake = entry.record?.handshake {
      string(String(decoding: handshake.metadata.identity(), as: UTF8.self))
    } else {
      output.text("null")
    }
    figures(entry.figures)
    output.text("}\n")
  }

  func protocolId(_ id: Int64, _ entry: TrafficFigures) {
    begin("protocolId", connection: nil)
    number(",\"protocolId\":", id)
    figures(entry)
    output.text("}\n")
  }

  /// What was put together because it is too much to be kept apart.
  func others(_ scope: StaticString, _ rest: TrafficFigures) {
    begin(scope, connection: nil)
    figures(rest)
    output.text("}\n")
  }

  func total(_ total: TrafficFigures, _ overTime: TrafficOverTime) {
    begin("total", connection: nil)
    figures(total)
    output.text(",\"interval\":")
    output.seconds(overTime.width)
    output.text(",\"start\":")
    if let start = overTime.start { output.seconds(start) } else { output.text("null") }
    list(",\"framesPerInterval\":[", overTime.frames.prefix(overTime.used))
    list(",\"bytesPerInterval\":[", overTime.bytes.prefix(overTime.used))
    output.text("}\n")
  }

  private func begin(_ scope: StaticString, connection: Int?) {
    output.text("{\"type\":\"stats\",\"time\":null")
    number(",\"connection\":", connection.map(Int64.init))
    output.text(",\"scope\":\"")
    output.text(scope)
    output.text("\"")
  }

  private func figures(_ figures: TrafficFigures) {
    number(",\"frames\":", Int64(figures.frames))
    number(",\"clientFrames\":", Int64(figures.clientFrames))
    number(",\"serverFrames\":", Int64(figures.serverFrames))
    number(",\"wireBytes\":", Int64(figures.wireBytes))
    number(",\"inflatedBytes\":", Int64(figures.plainBytes))
    let thousandths = String(Int((figures.ratio * 1000).rounded()))
    let digits = String(repeating: "0", count: max(0, 4 - thousandths.count)) + thousandths
    output.text(",\"compressionRatio\":\(digits.dropLast(3)).\(digits.suffix(3))")
    number(",\"rpcs\":", Int64(figures.calls))
    number(",\"unanswered\":", Int64(figures.unanswered))
    for (name, percentile) in [(",\"p50\":", 50.0), (",\"p90\":", 90), (",\"p99\":", 99)] as [(StaticString, Double)] {
      seconds(name, figures.latency(percentile: percentile))
    }
    seconds(",\"max\":", figures.latency(percentile: 100) == nil ? nil : figures.longest)
  }

  private func number(_ name: StaticString, _ value: Int64?) {
    output.text(name)
    if let value { output.number(value) } else { output.text("null") }
  }

  private func seconds(_ name: StaticString, _ value: Int64?) {
    output.text(name)
    if let value { output.seconds(value) } else { output.text("null") }
  }

  private func list(_ name: StaticString, _ values: ArraySlice<Int>) {
    output.text(name)
    output.text(values.map(String.init).joined(separator: ","))
    output.text("]")
  }

  private func string(_ value: String?) {
    if let value { output.json(value) } else { output.text("null") }
  }
}
