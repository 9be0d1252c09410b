#include "src/simulator/pck_extension.h"

#include "src/simulator/der_writer.h"

namespace quoin::simulator {
namespace {

Bytes member(uint32_t number, ByteView value) {
  return der_sequence({der_object_identifier({1, 2, 840, 113741, 1, 13, 1, number}), value});
}

Bytes member(uint32_t number, uint32_t part, ByteView value) {
  return der_sequence({der_object_identifier({1, 2, 840, 113741, 1, 13, 1, number, part}), value});
}

Bytes write_tcb(const x509::SgxExtension& extension) {
  Bytes members;
  for (uint32_t i = 0; i < extension.tcb_components.size(); ++i) {
    members = joined({members, member(2, i + 1, der_integer(extension.tcb_components[i]))});
  }
  return der_sequence({members, member(2, 17, der_integer(extension.pce_svn)),
                       member(2, 18, der_octet_string(extension.cpu_svn))});
}

Bytes write_configuration(const x509::SgxConfiguration& configuration) {
  Bytes members;
  if (configuration.dynamic_platform) {
    members = joined({members, member(7, 1, der_boolean(*configuration.dynamic_platform))});
  }
  if (configuration.cached_keys) {
    members = joined({members, member(7, 2, der_boolean(*configuration.cached_keys))});
  }
  if (configuration.smt_enabled) {
    members = joined({members, member(7, 3, der_boolean(*configuration.smt_enabled))});
  }
  return der_sequence({members});
}

}  // namespace

Bytes write_sgx_extension(const x509::SgxExtension& extension) {
  const ByteArray<1> sgx_type = {extension.sgx_type};
  Bytes members = joined(
      {member(1, der_octet_string(extension.ppid)), member(2, write_tcb(extension)),
       member(3, der_octet_string(extension.pce_id)), member(4, der_octet_string(extension.fmspc)),
       member(5, der_element(der::Tag::enumerated, sgx_type))});
  if (extension.platform_instance_id) {
    members = joined({members, member(6, der_octet_string(*extension.platform_instance_id))});
  }
  if (extension.configuration) {
    members = joined({members, member(7, write_configuration(*extension.configuration))});
  }
  return der_sequence({members});
}

Bytes der_sgx_extension(const x509::SgxExtension& extension) {
  return der_extension(der_object_identifier({1, 2, 840, 113741, 1, 13, 1}), false,
                       write_sgx_extension(extension));
}

}  // namespace quoin::simulator
