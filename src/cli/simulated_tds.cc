#include "src/cli/simulated_tds.h"

#include <array>
#include <utility>
#include <variant>

#include "src/base/reader.h"
#include "src/base/try.h"
#include "src/cli/simulated_td.h"
#include "src/cli/system.h"
#include "src/simulator/faults.h"
#include "src/simulator/measured_boot.h"
#include "src/simulator/mount.h"
#include "src/simulator/qgs_server.h"
#include "src/simulator/simulated_td.h"
#include "src/simulator/software_td.h"
#include "src/simulator/state.h"
#include "src/simulator/td_store.h"
#include "src/td/detect.h"
#include "src/td/qgs_address.h"

namespace quoin::cli {
namespace {

// EFI_GLOBAL_VARIABLE, whose secure boot variables are one byte each (UEFI specification, 3.3 and
// 32.3), readable by the operating system.
constexpr std::string_view kGlobalGuid = "-8be4df61-93ca-11d2-aa0d-00e098032b8c";
constexpr uint32_t kBootServiceAndRuntime = 6;

Result<simulator::TdStore> open_store() {
  return simulator::TdStore::open(TRY(simulator_directory()), td::detect().any());
}

Result<void> set_secure_boot(simulator::SoftwareTd& td, SecureBoot state) {
  const bool on = state == SecureBoot::on;
  const std::array<std::pair<std::string_view, bool>, 4> variables = {{
      {"SecureBoot", on},
      {"SetupMode", state == SecureBoot::setup},
      {"AuditMode", false},
      {"DeployedMode", on},
  }};
  for (const auto& [name, value] : variables) {
    TRY(simulator::set_efi_variable(td, {.name = std::string(name).append(kGlobalGuid),
                                         .attributes = kBootServiceAndRuntime,
                                         .value = {static_cast<uint8_t>(value ? 1 : 0)}}));
  }
  return {};
}

Result<simulator::EfiVariable> read_efi_variable(const std::string& name, ByteView contents) {
  Reader in(contents, "EFI variable");
  const Result<uint32_t> attributes = in.u32le();
  if (!attributes.ok()) {
    return Error{ErrorCode::invalid_argument, "EFI variable " + name + ": too short",
                 "wanted what efivarfs shows: four bytes of attributes, and the value"};
  }
  const ByteView value = in.rest();
  return simulator::EfiVariable{name, *attributes, Bytes(value.begin(), value.end())};
}

Result<void> apply(const TdChanges& changes, simulator::SoftwareTd& td) {
  for (const auto& [name, text] : changes.settings) {
    TRY(simulator::set_td_setting(td, name, text));
  }
  if (changes.ccel) {
    if (changes.ccel->size() > simulator::kMaxCcelBytes) {
      return Error{ErrorCode::invalid_argument,
                   "the event log is over " + std::to_string(simulator::kMaxCcelBytes) + " bytes"};
    }
    td.ccel = *changes.ccel;
  }
  for (const auto& [name, contents] : changes.efi_variables) {
    simulator::EfiVariable variable = TRY(read_efi_variable(name, contents));
    TRY(simulator::set_efi_variable(td, std::move(variable)));
  }
  if (changes.secure_boot) TRY(set_secure_boot(td, *changes.secure_boot));
  if (changes.measured_boot) TRY(simulator::boot_measured(td));
  if (changes.replay_ccel) {
    Result<void> replayed = simulator::replay_ccel(td);
    if (!replayed.ok()) {
      Error error = std::move(replayed).error();
      error.code = ErrorCode::invalid_argument;
      return error;
    }
  }
  return {};
}

Result<simulator::QgsServer> listen(const std::string& address) {
  const td::QgsAddress parsed = TRY(td::parse_qgs_address(address));
  if (const auto* local = std::get_if<td::UnixAddress>(&parsed)) {
    return simulator::QgsServer::listen_unix(local->path);
  }
  const auto* tcp = std::get_if<td::TcpAddress>(&parsed);
  if (tcp == nullptr || tcp->host != "127.0.0.1") {
    return Error{ErrorCode::invalid_argument, "QGS: the simulator does not listen at " + address,
                 "wanted unix:PATH or tcp:127.0.0.1:PORT"};
  }
  return simulator::QgsServer::listen_tcp(tcp->port);
}

// The default TD is there as soon as somebody asks for it.
Result<simulator::TdStore> store_with(std::string_view name) {
  simulator::TdStore store = TRY(open_store());
  if (name == kDefaultSimulatedTd) {
    TRY(prepare_simulator());
    TRY(store.load_or_create(name));
  }
  return store;
}

}  // namespace

Result<std::vector<std::string>> simulated_tds() {
  const simulator::TdStore store = TRY(open_store());
  return store.names();
}

Result<Value> describe_simulated_td(std::string_view name) {
  const simulator::TdStore store = TRY(store_with(name));
  const simulator::SoftwareTd td = TRY(store.load(name));
  Value::Object object = {{"name", name}, {"boot_id", td.boot_id}};
  for (const std::string_view setting : simulator::td_setting_names()) {
    std::string text = simulator::td_setting(td, setting);
    object.emplace_back(setting, text.empty() ? Value() : Value(std::move(text)));
  }
  object.emplace_back("ccel_bytes", td.ccel.size());
  Value::List variables;
  for (const simulator::EfiVariable& variable : td.efi_variables) {
    variables.emplace_back(Value::Object{{"name", variable.name},
                                         {"attributes", variable.attributes},
                                         {"value", Value::hex(variable.value)}});
  }
  object.emplace_back("efi_variables", std::move(variables));
  return Value(std::move(object));
}

Result<void> create_simulated_td(std::string_view name, const TdChanges& changes) {
  const simulator::TdStore store = TRY(open_store());
  TRY(prepare_simulator());
  simulator::SoftwareTd td = simulator::default_software_td(simulator::fresh_boot_id());
  TRY(apply(changes, td));
  return store.create(name, td);
}

Result<void> change_simulated_td(std::string_view name, const TdChanges& changes) {
  const simulator::TdStore store = TRY(store_with(name));
  TRY(store.change(name, [&](simulator::SoftwareTd& td) { return apply(changes, td); }));
  return {};
}

Result<void> extend_simulated_td(std::string_view name, size_t rtmr, const ByteArray<48>& digest) {
  const simulator::TdStore store = TRY(store_with(name));
  TRY(store.change(name, [&](simulator::SoftwareTd& td) {
    return simulator::extend_rtmr(td.state, rtmr, digest);
  }));
  return {};
}

Result<void> reboot_simulated_td(std::string_view name) {
  const simulator::TdStore store = TRY(store_with(name));
  TRY(store.change(name, [](simulator::SoftwareTd& td) -> Result<void> {
    simulator::reboot(td, simulator::fresh_boot_id());
    return {};
  }));
  return {};
}

Result<void> remove_simulated_td(std::string_view name) {
  const simulator::TdStore store = TRY(open_store());
  return store.remove(name);
}

Result<void> mount_simulated_td(const MountRequest& request, const std::function<void()>& mounted) {
  simulator::Faults faults;
  for (const std::string& fault : request.faults) TRY(faults.add(fault));
  const std::string directory = TRY(simulator_directory());
  simulator::TdStore store = TRY(store_with(request.td));
  simulator::Seed seed = TRY(simulator::load_state(directory, td::detect().any()));
  simulator::SimulatedTd td(std::move(seed), std::move(store), request.td);
  const std::unique_ptr<simulator::GuestTree> tree = TRY(simulator::GuestTree::make(
      td, faults, simulator::mount_time(),
      request.quote_timeout.value_or(simulator::TsmReports::kQuoteTimeout)));
  return simulator::serve_mount(*tree, request.directory, mounted);
}

Result<void> serve_simulated_qgs(const QgsRequest& request,
                                 const std::function<void(std::string_view)>& listening) {
  simulator::Faults faults;
  for (const std::string& fault : request.faults) TRY(faults.add(fault));
  // Its platform is every TD's.
  const std::unique_ptr<td::Td> td = TRY(open_simulated_td(kDefaultSimulatedTd));
  const simulator::QgsServer server = TRY(listen(request.address));
  listening(server.address());
  server.serve(*td, faults, request.stop);
  return {};
}

}  // namespace quoin::cli
