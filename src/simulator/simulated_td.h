// A TD in software behind the interface of a real one.

#ifndef QUOIN_SRC_SIMULATOR_SIMULATED_TD_H_
#define QUOIN_SRC_SIMULATOR_SIMULATED_TD_H_

#include <string>

#include "quoin/bytes.h"
#include "quoin/result.h"
#include "src/simulator/platform.h"
#include "src/simulator/td_store.h"
#include "src/td/td.h"

namespace quoin::simulator {

// The TD of that name in `store`, on the platform of that seed. Each call reads what is kept of it:
// extending lasts until it is rebooted, whoever asks. Every function fails as TdStore does, besides
// what it says in src/td/td.h. Thread-safe.
class SimulatedTd final : public td::Td {
 public:
  SimulatedTd(Seed seed, TdStore store, std::string name);

  Result<Bytes> report(const ByteArray<td::kReportDataBytes>& report_data) override;
  Result<Bytes> quote(const ByteArray<td::kReportDataBytes>& report_data) override;
  // Of any TD of this platform. Fails with refused for a report that it did not make.
  Result<Bytes> quote_report(ByteView td_report) override;
  Result<ByteArray<td::kRtmrBytes>> read_rtmr(unsigned index) override;
  Result<void> extend_rtmr(unsigned index, const ByteArray<td::kRtmrBytes>& digest) override;
  Result<std::string> boot_id() override;
  bool simulated() const override { return true; }

  // As the TDX module does: RTMR0 and RTMR1 too.
  Result<void> extend_any_rtmr(unsigned index, const ByteArray<td::kRtmrBytes>& digest);
  // All that is kept of it.
  Result<SoftwareTd> load() const { return store_.load_or_create(name_); }

 private:
  Platform platform_;
  TdStore store_;
  std::string name_;
};

}  // namespace quoin::simulator

#endif  // QUOIN_SRC_SIMULATOR_SIMULATED_TD_H_
