#include <string>

#include "src/base/hex.h"
#include "src/cli/describe.h"
#include "src/crypto/sha2.h"
#include "src/x509/sgx_extension.h"

namespace quoin::cli {
namespace {

Value describe_name(const x509::Name& name) {
  return Value::Object{{"common_name", name.common_name}, {"der", Value::hex(name.encoded)}};
}

Value optional_flag(const std::optional<bool>& flag) { return flag ? Value(*flag) : Value(); }

Value describe_basic_constraints(const std::optional<x509::BasicConstraints>& constraints) {
  if (!constraints) return {};
  return Value::Object{
      {"ca", constraints->ca},
      {"path_length", constraints->path_length ? Value(*constraints->path_length) : Value()}};
}

Value describe_sgx_extension(ByteView contents) {
  if (contents.empty()) return {};
  const Result<x509::SgxExtension> extension = x509::parse_sgx_extension(contents);
  if (!extension.ok()) {
    return Value::Object{{"error", extension.error().what}, {"der", Value::hex(contents)}};
  }
  Value::Object object = {
      {"ppid", Value::hex(extension->ppid)},
      {"tcb_components", Value::hex(extension->tcb_components)},
      {"pce_svn", extension->pce_svn},
      {"cpu_svn", Value::hex(extension->cpu_svn)},
      {"pce_id", Value::hex(extension->pce_id)},
      {"fmspc", Value::hex(extension->fmspc)},
      {"sgx_type", extension->sgx_type},
      {"platform_instance_id",
       extension->platform_instance_id ? Value::hex(*extension->platform_instance_id) : Value()},
  };
  if (const auto& configuration = extension->configuration) {
    object.emplace_back("configuration",
                        Value::Object{
                            {"dynamic_platform", optional_flag(configuration->dynamic_platform)},
                            {"cached_keys", optional_flag(configuration->cached_keys)},
                            {"smt_enabled", optional_flag(configuration->smt_enabled)},
                        });
  }
  return object;
}

}  // namespace

Value::Object describe(const x509::Certificate& certificate) {
  return {
      {"subject", describe_name(certificate.subject)},
      {"issuer", describe_name(certificate.issuer)},
      {"serial", Value::hex(certificate.serial)},
      {"not_before", to_string(certificate.not_before)},
      {"not_after", to_string(certificate.not_after)},
      {"public_key", Value::hex(certificate.public_key)},
      {"basic_constraints", describe_basic_constraints(certificate.basic_constraints)},
      {"key_usage", certificate.key_usage ? Value(*certificate.key_usage) : Value()},
      {"subject_key_identifier", Value::hex(certificate.subject_key_identifier)},
      {"authority_key_identifier", Value::hex(certificate.authority_key_identifier)},
      {"sgx_extension", describe_sgx_extension(certificate.sgx_extension)},
      {"signature", Value::hex(certificate.signature)},
      {"sha256", Value::hex(sha256(certificate.encoded))},
  };
}

Value::List describe(const x509::Chain& chain) {
  Value::List list;
  for (const x509::Certificate& certificate : chain.certificates()) {
    list.emplace_back(describe(certificate));
  }
  return list;
}

Value::Object describe(const x509::Crl& crl) {
  Value::List revoked;
  for (const ByteView serial : crl.revoked) revoked.push_back(Value::hex(serial));
  return {
      {"issuer", describe_name(crl.issuer)},
      {"this_update", to_string(crl.this_update)},
      {"next_update", to_string(crl.next_update)},
      {"crl_number", crl.crl_number ? Value::hex(*crl.crl_number) : Value()},
      {"authority_key_identifier", Value::hex(crl.authority_key_identifier)},
      {"revoked_serials", std::move(revoked)},
      {"signature", Value::hex(crl.signature)},
      {"sha256", Value::hex(sha256(crl.encoded))},
  };
}

}  // namespace quoin::cli
