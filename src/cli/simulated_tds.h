// What `quoin sim` does with this user's simulated TDs. Builds without the simulator have
// simulated_td_absent.cc instead of simulated_tds.cc, as with simulated_td.h.

#ifndef QUOIN_SRC_CLI_SIMULATED_TDS_H_
#define QUOIN_SRC_CLI_SIMULATED_TDS_H_

#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "quoin/bytes.h"
#include "quoin/result.h"
#include "src/cli/value.h"

namespace quoin::cli {

enum class SecureBoot : uint8_t { off, on, setup };

// What is to be different. Settings are the simulator's, by name and text: "mrtd", "tdx_version".
struct TdChanges {
  std::vector<std::pair<std::string, std::string>> settings;
  std::optional<Bytes> ccel;
  // By name: what efivarfs shows, four bytes of attributes and the value.
  std::vector<std::pair<std::string, Bytes>> efi_variables;
  std::optional<SecureBoot> secure_boot;
  bool replay_ccel = false;    // RTMR0 to RTMR2 are what the event log says
  bool measured_boot = false;  // an event log of a boot with these variables, and its registers
};

// Every function below fails with refused on a real TD, with unsupported, with not_found where
// there is no such TD, with invalid_argument for what makes no sense, and when the simulator's
// state is not safe to use.

Result<std::vector<std::string>> simulated_tds();
// All that there is to say of it.
Result<Value> describe_simulated_td(std::string_view name);
// Makes the simulator first, if need be.
Result<void> create_simulated_td(std::string_view name, const TdChanges& changes);
Result<void> change_simulated_td(std::string_view name, const TdChanges& changes);
Result<void> extend_simulated_td(std::string_view name, size_t rtmr, const ByteArray<48>& digest);
Result<void> reboot_simulated_td(std::string_view name);
Result<void> remove_simulated_td(std::string_view name);

struct MountRequest {
  std::string directory;
  std::string td;
  std::vector<std::string> faults;
  std::optional<std::chrono::milliseconds> quote_timeout;
};

// Mounts the files of that TD, calls `mounted`, and serves them until a signal ends it.
Result<void> mount_simulated_td(const MountRequest& request, const std::function<void()>& mounted);

struct QgsRequest {
  std::string address;  // "unix:PATH", or "tcp:127.0.0.1:PORT"
  std::vector<std::string> faults;
  int stop = -1;  // a file descriptor: serves until it can be read
};

// Serves quotes of this user's simulator's TDREPORTs. Calls `listening` with the address.
Result<void> serve_simulated_qgs(const QgsRequest& request,
                                 const std::function<void(std::string_view)>& listening);

}  // namespace quoin::cli

#endif  // QUOIN_SRC_CLI_SIMULATED_TDS_H_
