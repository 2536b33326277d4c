import Conformance

/// The command line in the header of a result file. Its words are joined by single spaces, so a word that had spaces of
/// its own has to be guessed: the values of `--iut`, `--name` and `--header` go up to the next option.
package struct CommandLineText: Hashable, Sendable {
  /// Options whose value may have spaces.
  private static let wordy: Set<String> = ["--iut", "--name", "--header"]

  /// Options that only the whole run needs, with a value.
  private static let ofTheRun: Set<String> = [
    "--results", "--artifacts", "--shard", "--jobs", "--filter", "--expected-failures", "--results-format",
  ]

  /// The same without a value.
  private static let flagsOfTheRun: Set<String> = ["--update-expected", "--resume", "--strict"]

  /// The words before ` -- `, the options' values joined.
  private let words: [String]

  /// What follows ` -- `, as it is written; nil: there is none.
  private let tail: String?

  /// Takes a command line apart.
  package init(_ text: String) {
    var head = text
    var tail: String?
    if let separator = text.firstRange(of: " -- ") {
      head = String(text[..<separator.lowerBound])
      tail = String(text[separator.upperBound...])
    }
    var words: [String] = []
    var isInValue = false
    for word in head.split(separator: " ") {
      if word.hasPrefix("--") {
        isInValue = false
      } else if isInValue, let last = words.popLast() {
        words.append("\(last) \(word)")
        continue
      } else if let last = words.last {
        isInValue = Self.wordy.contains(last)
      }
      words.append(String(word))
    }
    self.words = words
    self.tail = tail
  }

  /// What kind of run it started.
  package var kind: RunKind {
    let commands = words.dropFirst().prefix { !$0.hasPrefix("-") }
    switch commands.first {
    case "verify": return .verify
    case "probe": return commands.dropFirst().first == "client" ? .probeClient : .probeServer
    case "mutate": return .mutate
    case "inspect": return .inspect
    default: return .other
    }
  }

  /// The value of an option, once or several times.
  package func values(of option: String) -> [String] {
    var values: [String] = []
    for (index, word) in words.enumerated() {
      if word == option, index + 1 < words.count { values.append(words[index + 1]) }
      if word.hasPrefix(option + "=") { values.append(String(word.dropFirst(option.count + 1))) }
    }
    return values
  }

  /// Whether a flag stands in it.
  package func has(_ flag: String) -> Bool { words.contains(flag) }

  /// Whether it asks for a part of the suite only.
  package var isPartial: Bool { !values(of: "--filter").isEmpty || !values(of: "--shard").isEmpty }

  /// The command that runs one case again.
  package func repeating(_ id: String) -> String { text(without: [], adding: ["--filter", id]) }

  /// The command without what only its run needs: the same for all shards of one run.
  package var common: String {
    let filters = values(of: "--filter").flatMap { ["--filter", $0] }
    return text(without: ["--all"], adding: filters + (has("--all") ? ["--all"] : []))
  }

  /// The command without filters as well: that of a run of the whole suite.
  package var whole: String { text(without: [], adding: []) }

  private func text(without dropped: Set<String>, adding added: [String]) -> String {
    var kept: [String] = ["wireproof"]
    var isValueDropped = false
    for word in words.dropFirst() {
      if isValueDropped {
        isValueDropped = false
      } else if Self.ofTheRun.contains(word) {
        isValueDropped = true
      } else if !Self.flagsOfTheRun.contains(word), !dropped.contains(word),
        !Self.ofTheRun.contains(where: { word.hasPrefix($0 + "=") })
      {
        kept.append(word)
      }
    }
    return (kept + added).map(ShellWord.quoted).joined(separator: " ") + (tail.map { " -- " + $0 } ?? "")
  }
}

/// What kind of run a result file is of.
package enum RunKind: String, CaseIterable, Hashable, Sendable {
  case verify
  case probeServer = "probe-server"
  case probeClient = "probe-client"
  case mutate
  case inspect
  case other

  /// What was done, for people.
  package var title: String {
    switch self {
    case .verify: "golden vectors"
    case .probeServer: "probes of a server"
    case .probeClient: "probes of a client"
    case .mutate: "mutants"
    case .inspect: "captured traffic"
    case .other: "results"
    }
  }

  /// Whether such a run can say that a conformance class is met. Traffic that happened to be seen, and mutants, cannot.
  package var judgesClasses: Bool { self == .verify || self == .probeServer || self == .probeClient }
}
