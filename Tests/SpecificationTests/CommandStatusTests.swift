import Specification
import Testing

@Suite("The exit codes")
struct CommandStatusTests {
  @Test("Of two that apply, the earlier of 70, 2, 3, 4, 1, 0 counts", arguments: CommandStatus.allCases)
  func precedence(first: CommandStatus) throws {
    let order: [Int32] = [70, 2, 3, 4, 1, 0]
    #expect(Set(CommandStatus.allCases.map(\.rawValue)) == Set(order))
    let place = try #require(order.firstIndex(of: first.rawValue))
    for second in CommandStatus.allCases {
      let other = try #require(order.firstIndex(of: second.rawValue))
      #expect(CommandStatus([first: true, second: true]).rawValue == order[min(place, other)])
    }
  }

  @Test("What does not apply does not count")
  func inapplicable() {
    #expect(CommandStatus([.incomplete: false, .failures: true]) == .failures)
    #expect(CommandStatus([.usage: false]) == .good)
  }
}
