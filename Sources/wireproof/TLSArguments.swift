import ArgumentParser
import Glibc
import NIOSSL
import ReferencePeer

/// How a command that connects does TLS.
struct TLSArguments: ParsableArguments {
  @Flag(help: "Take any certificate.")
  var insecure = false

  @Option(help: ArgumentHelp("Trust these certificate authorities, in PEM.", valueName: "file"))
  var ca: String?

  @Option(
    help: ArgumentHelp("Show this certificate chain to the server, in PEM; with --client-key.", valueName: "file"))
  var clientCertificate: String?

  @Option(help: ArgumentHelp("Its private key, in PEM.", valueName: "file"))
  var clientKey: String?

  @Option(
    help: ArgumentHelp(
      "Write the secrets of TLS connections into this file, for inspect --keylog and other tools that decrypt captures.",
      valueName: "file"))
  var keylog: String?

  func validate() throws {
    guard (clientCertificate == nil) == (clientKey == nil) else {
      throw ValidationError("--client-certificate and --client-key go together.")
    }
  }

  /// The configuration of a client.
  ///
  /// - Throws: ``SetupFault`` that names the file which cannot be used.
  func configuration() throws -> TLSConfiguration {
    var configuration = TLSConfiguration.makeClientConfiguration()
    if insecure { configuration.certificateVerification = .none }
    if let ca {
      let authorities = try Self.read(ca, "certificates") { try NIOSSLCertificate.fromPEMFile(ca) }
      configuration.trustRoots = .certificates(authorities)
    }
    if let clientCertificate, let clientKey {
      configuration.certificateChain = try Self.read(clientCertificate, "certificates") {
        try NIOSSLCertificate.fromPEMFile(clientCertificate).map { .certificate($0) }
      }
      configuration.privateKey = try Self.read(clientKey, "private key") {
        .privateKey(try NIOSSLPrivateKey(file: clientKey, format: .pem))
      }
    }
    return try configuration.logging(keysTo: keylog)
  }

  /// Reads a file; the reasons of the TLS library are of no use to people.
  private static func read<Value>(_ path: String, _ what: String, _ body: () throws -> Value) throws -> Value {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw SetupFault("\(path): cannot be read: \(String(cString: strerror(errno)))") }
    close(descriptor)
    do { return try body() } catch { throw SetupFault("\(path): no \(what) in PEM") }
  }

  /// The same as words of a command line.
  var words: [String] {
    (insecure ? ["--insecure"] : []) + (ca.map { ["--ca", AbsolutePath.of($0)] } ?? [])
      + (clientCertificate.map { ["--client-certificate", AbsolutePath.of($0)] } ?? [])
      + (clientKey.map { ["--client-key", AbsolutePath.of($0)] } ?? [])
  }
}
