#include "tdx_attestation.h"
#include "tdx_security.h"

const char* tdx_strerror(int code) {
  switch (code) {
    case TDX_SUCCESS:
      return "success";
    case TDX_ERROR_NOT_SUPPORTED:
    case TDX_ATTEST_ERROR_NOT_SUPPORTED:
      return "not supported here, or a setting is missing";
    case TDX_ERROR_INVALID_PARAM:
    case TDX_ATTEST_ERROR_INVALID_PARAM:
      return "a wrong parameter";
    case TDX_ERROR_NO_MEMORY:
    case TDX_ATTEST_ERROR_NO_MEMORY:
      return "out of memory";
    case TDX_ERROR_ATTESTATION:
      return "no report or quote, or one that is refused";
    case TDX_ERROR_CRYPTO:
      return "cryptography failed, or sealed data does not open";
    case TDX_ERROR_COMMUNICATION:
      return "the peer or the service does not answer as it should";
    case TDX_ERROR_NOT_TDX_GUEST:
      return "not in a TDX trust domain";
    case TDX_ERROR_NO_KEY_SOURCE:
      return "no source of keys";
    case TDX_ERROR_BUFFER_TOO_SMALL:
      return "the buffer is too small";
    case TDX_ERROR_NOT_INITIALIZED:
    case TDX_ATTEST_ERROR_NOT_INITIALIZED:
      return "not initialized";
    case TDX_ERROR_INTERNAL:
    case TDX_ATTEST_ERROR_INTERNAL:
      return "a bug of the library";
    case TDX_ATTEST_ERROR_REPORT_FAILURE:
      return "the TD makes no report, or refuses to be extended";
    case TDX_ATTEST_ERROR_QUOTE_FAILURE:
      return "no quote could be had, or it is not what was asked for";
    case TDX_ATTEST_ERROR_NETWORK:
      return "a service does not answer as it should";
    case TDX_ATTEST_ERROR_VERIFICATION:
      return "not genuine, or not accepted";
    default:
      return "no code of tdx_security.h or tdx_attestation.h";
  }
}
