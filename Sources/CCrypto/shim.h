#ifndef WIREPROOF_CCRYPTO_SHIM_H
#define WIREPROOF_CCRYPTO_SHIM_H

#include <openssl/evp.h>

#endif
