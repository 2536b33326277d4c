/// The variables that a step sees. A value: branches and repetitions have their own copy.
package struct ScriptScope: Sendable {
  /// The variables that were set.
  package var values: [String: ScriptValue]

  /// Tells apart the repetitions of a step, so that each generates its own bytes.
  package var iteration: UInt64

  /// Variables that change while the script runs, such as the addresses of connections: asked for what is not in `values`.
  package var live: @Sendable (String) -> ScriptValue?

  /// A scope.
  package init(
    _ values: [String: ScriptValue] = [:], iteration: UInt64 = 0,
    live: @escaping @Sendable (String) -> ScriptValue? = { _ in nil }
  ) {
    self.values = values
    self.iteration = iteration
    self.live = live
  }

  /// The value of a variable.
  ///
  /// - Throws: `missing` where it belongs to what a profile offers, else an error of the script.
  func value(of name: String, at place: SourcePlace) throws(ScriptRuntimeError) -> ScriptValue {
    if let value = values[name] ?? live(name) { return value }
    let root = String(name.prefix { $0 != "." })
    if ProfileNeed.variableRoots.contains(root) {
      throw ScriptRuntimeError("the profile has no \(root)", at: place, kind: .missing(root))
    }
    throw ScriptRuntimeError("the variable $\(name) has no value here", at: place)
  }
}
