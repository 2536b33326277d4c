import ArgumentParser

/// A server to begin with.
enum ServerTemplate: String, ProjectTemplate {
  case go
  case goOnGoutils = "go-goutils"
  case node, python, cpp, java, swift

  static let kind = "server"

  var title: String {
    switch self {
    case .go: "Go, over gorilla/websocket"
    case .goOnGoutils: "Go, over goutils/ws"
    case .node: "JavaScript, over ws"
    case .python: "Python, over websockets"
    case .cpp: "C++, over Boost.Beast"
    case .java: "Java, over jakarta.websocket in an embedded Tomcat"
    case .swift: "Swift, over WireproofPeer"
    }
  }
}
