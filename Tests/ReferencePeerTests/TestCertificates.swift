import NIOSSL

/// A certificate authority for these tests, and what it signed, all on the curve prime256v1 and valid from 2020 to 2049. The
/// key is public and secures nothing.
enum TestCertificates {
  /// The authority.
  private static let authority = """
    -----BEGIN CERTIFICATE-----
    MIIBVzCB/qADAgECAgEBMAoGCCqGSM49BAMCMCMxITAfBgNVBAMMGHdpcmVwcm9v
    ZiB0ZXN0IGF1dGhvcml0eTAeFw0yMDAxMDEwMDAwMDBaFw00OTEyMzEyMzU5NTla
    MCMxITAfBgNVBAMMGHdpcmVwcm9vZiB0ZXN0IGF1dGhvcml0eTBZMBMGByqGSM49
    AgEGCCqGSM49AwEHA0IABKBqLYwtjPfkiFZghbOq4CSx+fD7vLowBla73nGslBIR
    rg60nDTwvD/Qlkkjkf6KrGeVQw9eeytSOVFnWVAxjAejIzAhMA8GA1UdEwEB/wQF
    MAMBAf8wDgYDVR0PAQH/BAQDAgIEMAoGCCqGSM49BAMCA0gAMEUCIQCVuMz3p0vK
    imdhON9sDBby9tr9nKcsCRIirYOWctlVRwIgN9qdHFMzqyz8vIaHnGM6ymtzpxvM
    zTzpvkwCm7e4o5U=
    -----END CERTIFICATE-----
    """

  /// An authority that signed nothing but itself.
  private static let otherAuthority = """
    -----BEGIN CERTIFICATE-----
    MIIBZDCCAQqgAwIBAgIBATAKBggqhkjOPQQDAjApMScwJQYDVQQDDB53aXJlcHJv
    b2Ygb3RoZXIgdGVzdCBhdXRob3JpdHkwHhcNMjAwMTAxMDAwMDAwWhcNNDkxMjMx
    MjM1OTU5WjApMScwJQYDVQQDDB53aXJlcHJvb2Ygb3RoZXIgdGVzdCBhdXRob3Jp
    dHkwWTATBgcqhkjOPQIBBggqhkjOPQMBBwNCAASo/kzF0K+catOTg4OtyJ0qAqQZ
    LNueqG51jYAE1YJHQeG5HzUQ5xcMlbVQSTpRzbpVjbbH08F9188NxdRlO2b4oyMw
    ITAPBgNVHRMBAf8EBTADAQH/MA4GA1UdDwEB/wQEAwICBDAKBggqhkjOPQQDAgNI
    ADBFAiEA/1BDCayi1tVmljgmss7J+EdfNkxZe9liaIouF2h7wy8CIFKtqUpmXDUH
    qDsE6uxXn17Gtu4iwOSKrhiBqGuCVi5Y
    -----END CERTIFICATE-----
    """

  /// Signed by the authority, for localhost and 127.0.0.1.
  private static let server = """
    -----BEGIN CERTIFICATE-----
    MIIBeDCCAR2gAwIBAgIBAjAKBggqhkjOPQQDAjAjMSEwHwYDVQQDDBh3aXJlcHJv
    b2YgdGVzdCBhdXRob3JpdHkwHhcNMjAwMTAxMDAwMDAwWhcNNDkxMjMxMjM1OTU5
    WjAUMRIwEAYDVQQDDAlsb2NhbGhvc3QwWTATBgcqhkjOPQIBBggqhkjOPQMBBwNC
    AARfCfjwZ2Hc6XlDLgntvC+b/GLtiir6Y3xqELyZJ6TdUwW1nqpRHv7X4L8s8C6N
    HgIpbysghoxExP5Ff3CdcPZNo1EwTzAMBgNVHRMBAf8EAjAAMA4GA1UdDwEB/wQE
    AwIHgDATBgNVHSUEDDAKBggrBgEFBQcDATAaBgNVHREEEzARgglsb2NhbGhvc3SH
    BH8AAAEwCgYIKoZIzj0EAwIDSQAwRgIhAOIzQ8cFPhJo1GoWb5IcwEnLPq/+xPDD
    4s9QLHfFTRPyAiEAu4Ctf4Wgs2GrOD4PA/ABydIz0MFC8lIMuNUct6XthOM=
    -----END CERTIFICATE-----
    """

  /// Signed by the authority, for elsewhere.example, with the same key.
  private static let elsewhere = """
    -----BEGIN CERTIFICATE-----
    MIIBgDCCASegAwIBAgIBAzAKBggqhkjOPQQDAjAjMSEwHwYDVQQDDBh3aXJlcHJv
    b2YgdGVzdCBhdXRob3JpdHkwHhcNMjAwMTAxMDAwMDAwWhcNNDkxMjMxMjM1OTU5
    WjAcMRowGAYDVQQDDBFlbHNld2hlcmUuZXhhbXBsZTBZMBMGByqGSM49AgEGCCqG
    SM49AwEHA0IABF8J+PBnYdzpeUMuCe28L5v8Yu2KKvpjfGoQvJknpN1TBbWeqlEe
    /tfgvyzwLo0eAilvKyCGjETE/kV/cJ1w9k2jUzBRMAwGA1UdEwEB/wQCMAAwDgYD
    VR0PAQH/BAQDAgeAMBMGA1UdJQQMMAoGCCsGAQUFBwMBMBwGA1UdEQQVMBOCEWVs
    c2V3aGVyZS5leGFtcGxlMAoGCCqGSM49BAMCA0cAMEQCIESzIeoLxWY6KIhryRUB
    OUWN2NCSsgtZI3hnavK1xSoNAiBhrAyahAP81oDVO5wST4R1fYfH1WnN3lnKPPxu
    6AwU3A==
    -----END CERTIFICATE-----
    """

  /// The key of both certificates.
  private static let key = """
    -----BEGIN PRIVATE KEY-----
    MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgOZK/j5VE8Ho+rdx4
    t5GlWiBuRljJ6gG9uIkw2vP1lYihRANCAARfCfjwZ2Hc6XlDLgntvC+b/GLtiir6
    Y3xqELyZJ6TdUwW1nqpRHv7X4L8s8C6NHgIpbysghoxExP5Ff3CdcPZN
    -----END PRIVATE KEY-----
    """

  /// A server's TLS configuration.
  ///
  /// - Parameter matches: false takes the certificate of another host.
  static func server(matches: Bool = true) throws -> TLSConfiguration {
    let chain = try NIOSSLCertificate.fromPEMBytes(Array((matches ? server : elsewhere).utf8))
    return TLSConfiguration.makeServerConfiguration(
      certificateChain: chain.map { .certificate($0) },
      privateKey: .privateKey(try NIOSSLPrivateKey(bytes: Array(key.utf8), format: .pem)))
  }

  /// The TLS configuration of a client that trusts the authority, or only the other one.
  static func client(other: Bool = false) throws -> TLSConfiguration {
    var configuration = TLSConfiguration.makeClientConfiguration()
    configuration.trustRoots = .certificates(
      try NIOSSLCertificate.fromPEMBytes(Array((other ? otherAuthority : authority).utf8)))
    return configuration
  }
}
