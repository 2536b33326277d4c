import ArgumentParser
import NIOCore
import NIOSSL
import ReferencePeer

/// How a command that listens does TLS, if it does.
struct ServerTLSArguments: ParsableArguments {
  @Option(help: ArgumentHelp("Listen with TLS: the certificate chain in PEM; with --tls-key.", valueName: "file"))
  var tlsCertificate: String?

  @Option(help: ArgumentHelp("Its private key, in PEM.", valueName: "file"))
  var tlsKey: String?

  @Option(
    help: ArgumentHelp(
      "Write the secrets of TLS connections into this file, for inspect --keylog and other tools that decrypt captures.",
      valueName: "file"))
  var keylog: String?

  func validate() throws {
    guard (tlsCertificate == nil) == (tlsKey == nil) else {
      throw ValidationError("--tls-certificate and --tls-key go together.")
    }
    guard keylog == nil || tlsKey != nil else { throw ValidationError("--keylog goes with --tls-certificate.") }
  }

  /// The configuration of a server; nil: without TLS.
  ///
  /// - Throws: ``SetupFault`` that names the files which cannot be used.
  func configuration() throws -> TLSConfiguration? {
    guard let tlsCertificate, let tlsKey else { return nil }
    let configuration: TLSConfiguration
    do { configuration = try TLSFiles.server(certificate: tlsCertificate, key: tlsKey) } catch {
      throw SetupFault("\(tlsCertificate), \(tlsKey): no certificate and key in PEM: \(error)")
    }
    return try configuration.logging(keysTo: keylog)
  }

  /// What adds TLS below what a channel does; nil: nothing does.
  ///
  /// - Throws: ``SetupFault`` that names the files which cannot be used.
  func secure() throws -> (@Sendable (any Channel) -> EventLoopFuture<Void>)? {
    guard let configuration = try configuration(), let tlsCertificate, let tlsKey else { return nil }
    let context: NIOSSLContext
    do { context = try NIOSSLContext(configuration: configuration) } catch {
      throw SetupFault("\(tlsCertificate), \(tlsKey): no certificate and key in PEM that belong together")
    }
    return { channel in
      channel.eventLoop.makeCompletedFuture {
        try channel.pipeline.syncOperations.addHandler(NIOSSLServerHandler(context: context))
      }
    }
  }

  /// Certificate and key as words of a command line.
  var words: [String] {
    (tlsCertificate.map { ["--tls-certificate", AbsolutePath.of($0)] } ?? [])
      + (tlsKey.map { ["--tls-key", AbsolutePath.of($0)] } ?? [])
  }
}
