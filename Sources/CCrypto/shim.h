#ifndef WIREPROOF_CCRYPTO_SHIM_H
#define WIREPROOF_CCRYPTO_SHIM_H

// The algorithms themselves, not the EVP layer above them: that one asks the machine's openssl.cnf which provider computes them,
// and brings four megabytes of algorithms into an executable that holds libcrypto. All are there since OpenSSL 1.0.1.
#define OPENSSL_SUPPRESS_DEPRECATED
#include <openssl/aes.h>
#include <openssl/modes.h>
#include <openssl/sha.h>

// A function is handed over whose key has a type of its own, which Swift cannot cast.
static inline GCM128_CONTEXT *wireproof_gcm_new(AES_KEY *key) {
  return CRYPTO_gcm128_new(key, (block128_f)AES_encrypt);
}

#endif
