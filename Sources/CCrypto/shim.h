#ifndef WIREPROOF_CCRYPTO_SHIM_H
#define WIREPROOF_CCRYPTO_SHIM_H

// The digest itself, not the EVP layer above it: that one asks the machine's openssl.cnf which provider computes it, and
// brings four megabytes of algorithms into an executable that holds libcrypto. Both are there since OpenSSL 0.9.8.
#define OPENSSL_SUPPRESS_DEPRECATED
#include <openssl/sha.h>

#endif
