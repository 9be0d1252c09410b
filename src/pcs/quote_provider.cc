#include "src/pcs/quote_provider.h"

#include <dlfcn.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <bit>
#include <utility>

#include "src/base/error.h"
#include "src/base/try.h"
#include "src/os/unique_fd.h"
#include "src/pcs/bundle.h"
#include "src/pcs/quote_provider_format.h"
#include "src/td/qgs_error.h"
#include "src/x509/der.h"

namespace quoin::pcs {
namespace {

// A library of 64-bit x86 Linux: Debian and Ubuntu; Fedora and RHEL; SUSE.
constexpr std::array<std::string_view, 3> kPaths = {
    "/usr/lib/x86_64-linux-gnu/libdcap_quoteprov.so.1",
    "/usr/lib64/libdcap_quoteprov.so.1",
    "/usr/lib/libdcap_quoteprov.so.1",
};

// Of one part: what a bundle may hold.
constexpr uint32_t kMaxPartBytes = uint32_t{8} << 20;
// Versions of the structure: CRLs in PEM; in hex (3.0) or DER (3.1).
constexpr uint16_t kPemVersion = 1;
constexpr uint16_t kPcsVersion3 = 3;
constexpr uint16_t kPcsVersion4 = 4;
constexpr uint16_t kLastMinorVersion = 1;
constexpr uint32_t kTdx = 0x81;
constexpr uint32_t kNotFoundCodes[] = {0xe01b, 0xe047, 0xe049, 0xe061, 0xe062};

Result<void> check_owner(const std::string& path, mode_t type) {
  struct stat status{};
  if (stat(path.c_str(), &status) != 0) return system_error(path, errno);
  const bool ours = status.st_uid == 0 || status.st_uid == geteuid();
  const bool closed = (status.st_mode & (S_IWGRP | S_IWOTH)) == 0;
  if ((status.st_mode & S_IFMT) == type && ours && closed) return {};
  return Error{ErrorCode::refused, path + ": others could change it, and it would be run here",
               "a library that is loaded belongs to root, in a directory of root's"};
}

// A text that the library gave. Some count the zero at its end and some do not.
Result<std::string_view> part(std::string_view name, const char* data, uint32_t size) {
  if (data == nullptr || size == 0) {
    return Error{ErrorCode::malformed, "the library gave no " + std::string(name)};
  }
  if (size > kMaxPartBytes) return too_large("the library gave too large a " + std::string(name));
  std::string_view text(data, size);
  while (!text.empty() && text.back() == '\0') text.remove_suffix(1);
  return text;
}

// A CRL in any form. One in DER says itself where it ends; what was counted behind it is a zero.
Result<Bytes> crl_part(std::string_view name, const char* data, uint32_t size) {
  const ByteView text = as_bytes(TRY(part(name, data, size)));
  if (text.empty() || text.front() != static_cast<uint8_t>(der::Tag::sequence)) {
    return decode_crl(text);
  }
  const ByteView all = as_bytes(std::string_view(data, size));
  const der::Element crl = TRY(der::Parser(all, name).next());
  return Bytes(crl.encoded.begin(), crl.encoded.end());
}

Result<void> check_version(const ProvidedCollateral& collateral, TeeType wanted) {
  const uint16_t major = collateral.major_version;
  const uint16_t minor = collateral.minor_version;
  const bool known =
      (major == kPemVersion && minor == 0) ||
      ((major == kPcsVersion3 || major == kPcsVersion4) && minor <= kLastMinorVersion);
  if (!known) {
    return unsupported("the library's collateral is of version " + std::to_string(major) + "." +
                       std::to_string(minor));
  }
  if (collateral.tee_type != (wanted == TeeType::tdx ? kTdx : 0)) {
    return Error{ErrorCode::refused, "the library's collateral is of another kind of TEE"};
  }
  return {};
}

Result<BundleParts> read_parts(const ProvidedCollateral& from) {
  BundleParts parts;
  parts.tcb_info.answer = TRY(part("TCB info", from.tcb_info, from.tcb_info_size));
  parts.tcb_info.issuer_chain = TRY(part("issuer chain of TCB info", from.tcb_info_issuer_chain,
                                         from.tcb_info_issuer_chain_size));
  parts.qe_identity.answer = TRY(part("QE identity", from.qe_identity, from.qe_identity_size));
  parts.qe_identity.issuer_chain =
      TRY(part("issuer chain of QE identity", from.qe_identity_issuer_chain,
               from.qe_identity_issuer_chain_size));
  parts.pck_crl = TRY(crl_part("PCK CRL", from.pck_crl, from.pck_crl_size));
  parts.pck_crl_issuer_chain = TRY(
      part("issuer chain of PCK CRL", from.pck_crl_issuer_chain, from.pck_crl_issuer_chain_size));
  parts.root_ca_crl = TRY(crl_part("root CA CRL", from.root_ca_crl, from.root_ca_crl_size));
  return parts;
}

Error provider_error(uint32_t code) {
  td::QgsErrorText text = td::qgs_error_text(code);
  const bool absent = std::ranges::find(kNotFoundCodes, code) != std::end(kNotFoundCodes);
  return {absent ? ErrorCode::not_found : ErrorCode::io, text.name + ": " + text.what,
          std::move(text.hint)};
}

// dlsym(3) gives a pointer to a function as one to data.
template <typename Function>
Result<void> find_function(void* library, const std::string& path, const char* name,
                           Function& function) {
  void* const symbol = dlsym(library, name);
  if (symbol == nullptr) {
    return unsupported(path + " has no " + std::string(name) + ": a library of DCAP before 1.14?");
  }
  function = std::bit_cast<Function>(symbol);
  return {};
}

}  // namespace

struct QuoteProvider::Functions {
  GetCollateral get_sgx = nullptr;
  FreeCollateral free_sgx = nullptr;
  GetCollateral get_tdx = nullptr;
  FreeCollateral free_tdx = nullptr;
};

std::span<const std::string_view> quote_provider_paths() { return kPaths; }

QuoteProvider::QuoteProvider(std::string path, std::unique_ptr<const Functions> functions)
    : path_(std::move(path)), functions_(std::move(functions)) {}

QuoteProvider::~QuoteProvider() = default;

Result<std::unique_ptr<QuoteProvider>> QuoteProvider::load(const std::string& path) {
  if (!path.starts_with('/')) {
    return Error{ErrorCode::invalid_argument, path + ": not an absolute path"};
  }
  TRY(check_owner(path, S_IFREG));
  TRY(check_owner(path.substr(0, path.rfind('/') + 1), S_IFDIR));
  void* const library = dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (library == nullptr) {
    const char* const why = dlerror();
    return unsupported(why != nullptr ? why : path + ": cannot be loaded");
  }
  auto functions = std::make_unique<Functions>();
  TRY(find_function(library, path, "sgx_ql_get_quote_verification_collateral", functions->get_sgx));
  TRY(find_function(library, path, "sgx_ql_free_quote_verification_collateral",
                    functions->free_sgx));
  TRY(find_function(library, path, "tdx_ql_get_quote_verification_collateral", functions->get_tdx));
  TRY(find_function(library, path, "tdx_ql_free_quote_verification_collateral",
                    functions->free_tdx));
  return std::unique_ptr<QuoteProvider>(new QuoteProvider(path, std::move(functions)));
}

Result<std::unique_ptr<QuoteProvider>> QuoteProvider::load_installed() {
  for (const std::string_view path : kPaths) {
    auto provider = load(std::string(path));
    if (provider.ok() || provider.error().code != ErrorCode::not_found) return provider;
  }
  return Error{ErrorCode::not_found, "libdcap_quoteprov.so.1 is not installed",
               "install libsgx-dcap-default-qpl, or do without: quoin fetches by itself"};
}

Result<Bytes> QuoteProvider::fetch(const CollateralRequest& request, UtcTime now) {
  if (request.update == Update::early) {
    return Error{ErrorCode::refused, path_ + ": cannot be asked for early TCB info",
                 "tcb_update_type in /etc/sgx_default_qcnl.conf says which it asks for"};
  }
  const bool tdx = request.tee_type == TeeType::tdx;
  const GetCollateral get = tdx ? functions_->get_tdx : functions_->get_sgx;
  const FreeCollateral release = tdx ? functions_->free_tdx : functions_->free_sgx;
  ProvidedCollateral* provided = nullptr;
  const uint32_t code = get(request.fmspc.data(), static_cast<uint16_t>(request.fmspc.size()),
                            std::string(to_string(request.ca)).c_str(), &provided);
  const std::unique_ptr<ProvidedCollateral, FreeCollateral> owner(provided, release);
  const auto named = [&](Error error) {
    error.what = path_ + ": " + error.what;
    return error;
  };
  if (code != 0) return named(provider_error(code));
  if (provided == nullptr) return named(malformed("it gave nothing"));
  if (const auto known = check_version(*provided, request.tee_type); !known.ok()) {
    return named(known.error());
  }
  Result<BundleParts> parts = read_parts(*provided);
  if (!parts.ok()) return named(parts.error());
  parts->source = path_;
  parts->fetched_at = now;
  Result<Bytes> bundle = write_bundle(*parts);
  if (!bundle.ok()) return named(bundle.error());
  const Collateral collateral = TRY(Collateral::parse(*bundle));
  if (const auto answers = check_answers(collateral, request); !answers.ok()) {
    return named(answers.error());
  }
  return bundle;
}

}  // namespace quoin::pcs
