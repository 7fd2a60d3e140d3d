# SPDX-License-Identifier: Apache-2.0
# Stands for a token behind a way that carries no AES mechanism with parameters, as p11-kit's remoting
# does in Debian 12: from notes, not tried behind one. RSA and HMAC are left. As facility token: RSA-OAEP,
# HMAC, no spare.
no-trust
only CKM_GENERIC_SECRET_KEY_GEN
only CKM_RSA_PKCS_KEY_PAIR_GEN
only CKM_EC_KEY_PAIR_GEN
only CKM_SHA256_HMAC
only CKM_ECDSA
only CKM_RSA_PKCS
only CKM_RSA_PKCS_OAEP
