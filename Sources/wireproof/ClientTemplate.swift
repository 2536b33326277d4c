import ArgumentParser

/// A client to copy: that of the language's adapter, whose code has no dependencies.
enum ClientTemplate: String, ProjectTemplate {
  case go, javascript, typescript, python, cpp

  static let kind = "client"

  var title: String {
    switch self {
    case .go: "Go 1.19, with a WebSocket of its own"
    case .javascript: "JavaScript for browsers and Node.js, over their WebSocket"
    case .typescript: "TypeScript, over the WebSocket of browsers and Node.js"
    case .python: "Python 3.8 with asyncio and a WebSocket of its own"
    case .cpp: "C++17, headers only, with a WebSocket of its own"
    }
  }
}
