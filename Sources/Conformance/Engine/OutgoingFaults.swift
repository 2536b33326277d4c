import NIOConcurrencyHelpers
import Specification

/// What happens to the frames of a mock server on their way out.
final class OutgoingFaults: Sendable {
  private struct State {
    var counters: [SelectionCounter]
    var held: [Int: [UInt8]] = [:]
    var generator: SeededGenerator
  }

  private let faults: [OutgoingFault]
  private let tests: [ResolvedPattern?]
  private let delays: [Duration?]
  private let truncations: [Int]
  private let state: NIOLockedValueBox<State>

  /// How many bytes a connection may send before it is reset; nil: any number.
  let resetAfter: Int?

  /// The faults of a script, for one connection.
  init(_ faults: [OutgoingFault], resolver: PatternResolver, scope: ScriptScope, seed: UInt64)
    throws(ScriptRuntimeError)
  {
    self.faults = faults
    var tests: [ResolvedPattern?] = []
    var delays: [Duration?] = []
    var truncations: [Int] = []
    var resetAfter: Int?
    for fault in faults {
      tests.append(try fault.match.map { (pattern) throws(ScriptRuntimeError) in try resolver.resolve(pattern) })
      delays.append(
        try fault.delay.flatMap { (template) throws(ScriptRuntimeError) in
          ScriptDuration(try template.text(in: scope))?.duration(roundTrip: .milliseconds(1))
        })
      let bytes = try fault.bytes.map { (template) throws(ScriptRuntimeError) in
        Int(clamping: max(0, try template.integer(in: scope)))
      }
      truncations.append(bytes ?? 1)
      if fault.kind == .reset { resetAfter = bytes }
    }
    self.tests = tests
    self.delays = delays
    self.truncations = truncations
    self.resetAfter = resetAfter
    state = NIOLockedValueBox(
      State(counters: faults.map { _ in SelectionCounter() }, generator: SeededGenerator(seed: seed, "faults")))
  }

  /// Does to a message what the first fault that fits it says.
  func apply(to message: inout OutgoingMessage, builder: WireBuilder) -> OutgoingDisposition {
    guard let frame = message.frame else { return .send }
    let item = InboxItem(time: 0, content: .frame(frame))
    for (index, fault) in faults.enumerated() where fault.kind != .reset {
      guard tests[index]?.isMet(item) ?? true else { continue }
      let (isSelected, number) = state.withLockedValue { state -> (Bool, UInt64) in
        (state.counters[index].selects(fault.selection, &state.generator), state.generator.next())
      }
      guard isSelected else { continue }
      switch fault.kind {
      case .drop: return .drop
      case .duplicate: return .duplicate
      case .reorder: return .hold
      case .delay: return .delay(delays[index] ?? .zero)
      case .corrupt:
        let first = frame.payload.isEmpty ? 0 : message.bytes.count - frame.payload.count
        guard first < message.bytes.count else { return .send }
        let place = first + Int(number % UInt64(message.bytes.count - first))
        message.bytes[place] ^= UInt8(truncatingIfNeeded: number >> 32) | 1
        return .send
      case .truncate:
        message.bytes.removeLast(min(message.bytes.count, truncations[index]))
        return .send
      case .wrongSN:
        guard frame.sn != nil, message.bytes.count >= 14 else { return .send }
        let sn = message.bytes[10..<14].enumerated().reduce(UInt32(0)) {
          $0 | UInt32($1.element) << (8 * UInt32($1.offset))
        }
        for offset in 0..<4 {
          message.bytes[10 + offset] = UInt8(truncatingIfNeeded: (sn &+ 1) >> (8 * UInt32(offset)))
        }
        return .send
      case .reset: return .send
      }
    }
    return .send
  }

  /// Keeps bytes back until the next frame has gone; gives those that were kept back before.
  func hold(_ bytes: [UInt8], on connection: ScriptConnection) -> [UInt8] {
    state.withLockedValue { state in
      let before = state.held[connection.number] ?? []
      state.held[connection.number] = bytes
      return before
    }
  }

  /// What was kept back; it is to go out behind the next frame, so it is given once that frame asks.
  func released(on connection: ScriptConnection) -> [UInt8] {
    state.withLockedValue { $0.held.removeValue(forKey: connection.number) ?? [] }
  }
}

/// Counts what fits a rule or a fault, to tell which of it is meant.
struct SelectionCounter: Hashable, Sendable {
  private var fitting: Int64 = 0
  private var selected: Int64 = 0

  /// Nothing fitted yet.
  init() {}

  /// Whether the one that fits now is meant.
  mutating func selects(_ selection: RuleSelection, _ generator: inout SeededGenerator) -> Bool {
    fitting += 1
    guard fitting % selection.every == 0, selection.times.map({ selected < $0 }) ?? true,
      selection.chance == 100 || Int64(generator.next() % 100) < selection.chance
    else { return false }
    selected += 1
    return true
  }
}
