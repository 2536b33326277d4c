public import FuzzHarness

/// The readers of the product's own files.
public enum FileTargets {
  private static let targets: [String: FuzzTarget] = [
    "script": ScriptTarget.run, "profile": ScriptTarget.runProfile, "result": ResultTarget.run,
    "vector": VectorTarget.run, "expected": ExpectedTarget.run,
  ]

  /// The one that the environment names.
  public static let target = targets.chosen
}
