package import Conformance
package import GoldenVectors
package import Specification
import StrictJSON

/// An implementation in a report: a column of its matrix. Runs of the same name, language and version belong together
/// unless they share cases.
package struct ReportSubject: Sendable {
  /// How the report calls it; no two are called the same.
  package let title: String

  /// Its runs.
  package let runs: [ReportRun]

  /// The side that the class statements are about; nil where only vectors were run, which show both.
  package let roles: [PeerRole?]

  private let catalogue: RequirementCatalogue

  private init(title: String, runs: [ReportRun], catalogue: RequirementCatalogue) {
    self.title = title
    self.runs = runs
    self.catalogue = catalogue
    let kinds = Set(runs.map(\.kind))
    let roles: [PeerRole?] =
      (kinds.contains(.probeServer) ? [.server] : []) + (kinds.contains(.probeClient) ? [.client] : [])
    self.roles = roles.isEmpty ? [nil] : roles
  }

  /// The implementations of some runs, in the order in which they first appear.
  package static func grouping(_ runs: [ReportRun], catalogue: RequirementCatalogue) -> [ReportSubject] {
    var groups: [(title: String, runs: [ReportRun], ids: Set<String>)] = []
    for run in runs {
      let title = run.header.title
      let ids = Set(run.cases.map(\.id))
      if let index = groups.firstIndex(where: { $0.title == title && $0.ids.isDisjoint(with: ids) }) {
        groups[index].runs.append(run)
        groups[index].ids.formUnion(ids)
      } else {
        groups.append((title, [run], ids))
      }
    }
    var seen: [String: Int] = [:]
    return groups.map { group in
      let number = seen[group.title, default: 0] + 1
      seen[group.title] = number
      return ReportSubject(
        title: number == 1 ? group.title : "\(group.title) · \(number)", runs: group.runs, catalogue: catalogue)
    }
  }

  /// The statements about all classes, for one side.
  package func classes(as role: PeerRole?) -> [ClassStatus] {
    let judging = runs(for: role).filter(\.kind.judgesClasses)
    return ClassStatus.all(
      judging.flatMap(\.cases), catalogue: catalogue, role: role,
      isPartial: judging.contains(where: \.command.isPartial))
  }

  /// The runs that say something about one side.
  package func runs(for role: PeerRole?) -> [ReportRun] {
    runs.filter { run in
      switch run.kind {
      case .probeServer: role == .server
      case .probeClient: role == .client
      default: true
      }
    }
  }
}
