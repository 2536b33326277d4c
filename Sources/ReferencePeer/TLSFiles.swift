public import NIOSSL

/// TLS configurations from files.
public enum TLSFiles {
  /// A server's, from a certificate chain and a private key in PEM.
  ///
  /// - Throws: where a file cannot be read or holds no such thing.
  public static func server(certificate: String, key: String) throws -> TLSConfiguration {
    let chain = try NIOSSLCertificate.fromPEMFile(certificate).map { NIOSSLCertificateSource.certificate($0) }
    return TLSConfiguration.makeServerConfiguration(
      certificateChain: chain, privateKey: .privateKey(try NIOSSLPrivateKey(file: key, format: .pem)))
  }

  /// A client's.
  ///
  /// - Parameters:
  ///   - authorities: a file of certificate authorities in PEM to trust instead of the system's; nil: the system's.
  ///   - verifies: false takes any certificate.
  /// - Throws: where the file cannot be read.
  public static func client(authorities: String?, verifies: Bool = true) throws -> TLSConfiguration {
    var configuration = TLSConfiguration.makeClientConfiguration()
    if let authorities { configuration.trustRoots = .certificates(try NIOSSLCertificate.fromPEMFile(authorities)) }
    if !verifies { configuration.certificateVerification = .none }
    return configuration
  }
}
