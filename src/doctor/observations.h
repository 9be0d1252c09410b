// What was seen of a machine, before anybody judges it.

#ifndef QUOIN_SRC_DOCTOR_OBSERVATIONS_H_
#define QUOIN_SRC_DOCTOR_OBSERVATIONS_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "quoin/bytes.h"
#include "quoin/eventlog.h"
#include "quoin/result.h"
#include "quoin/time.h"
#include "quoin/verify.h"
#include "src/net/http.h"
#include "src/pcs/cache.h"
#include "src/pcs/qcnl_config.h"
#include "src/td/detect.h"
#include "src/td/qgs_address.h"

namespace quoin::doctor {

// What a look at something gave. Nothing where nobody looked.
template <typename T>
using Seen = std::optional<Result<T>>;

// What `quoin run` needs of this kernel.
struct SandboxSupport {
  bool seccomp = false;
  long landlock = 0;  // the version of its interface; 0: none
  // vm.memfd_noexec; nothing where the kernel has no such setting. With 2 no program runs from
  // memory.
  std::optional<std::string> memfd_noexec = {};
};

// The TD, by the kernel's files, or a simulated one that was asked itself.
struct TdObservations {
  bool asked_simulator = false;
  std::string simulated_name = {};
  td::Evidence evidence = {};
  Seen<Bytes> report = {};
  Seen<Bytes> tsm_quote = {};
  // Of attest_conf: the port, if it names one. Nothing where there is no such file.
  Seen<std::optional<uint32_t>> attest_conf = {};
  std::optional<td::QgsAddress> qgs = {};  // nothing: none is configured
  Seen<Bytes> qgs_quote = {};
  Seen<Bytes> simulated_quote = {};
  Seen<Rtmrs> registers = {};  // as files
  bool registers_writable = false;
  Seen<Bytes> event_log = {};                 // CCEL, and its table
  std::optional<td::Probe> secure_boot = {};  // by the firmware's variables
};

// Where collateral comes from, and what it is.
struct CollateralObservations {
  bool offline = false;
  bool is_given = false;      // a file that the user named
  bool of_simulator = false;  // of the simulator itself: no service is asked
  std::string qcnl_path = {};
  Seen<pcs::QcnlConfig> qcnl = {};  // nothing where there is no such file
  std::string service = {};         // its address
  Seen<net::HttpResponse> answer = {};
  Seen<pcs::FetchedCollateral> fetched = {};
};

struct Observations {
  UtcTime now{};      // this machine's clock
  UtcTime written{};  // when this version of the program was
  TdObservations td = {};
  SandboxSupport sandbox = {};
  CollateralObservations collateral = {};
  std::vector<TrustRoot> trust_roots = {};
  // The directory of this user's simulator, and how many TDs it has.
  struct Simulator {
    std::string directory;
    size_t tds = 0;
  };
  Seen<Simulator> simulator = {};
};

}  // namespace quoin::doctor

#endif  // QUOIN_SRC_DOCTOR_OBSERVATIONS_H_
