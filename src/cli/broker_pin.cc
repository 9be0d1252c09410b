#include "src/cli/broker_pin.h"

#include <algorithm>
#include <string>
#include <utility>

#include "quoin/quote.h"
#include "src/base/hex.h"
#include "src/base/try.h"
#include "src/crypto/random.h"

namespace quoin::cli {
namespace {

Error no_pin(std::string why) {
  return {ErrorCode::refused, "MRCONFIGID pins no broker: " + std::move(why),
          "whoever starts the TD sets it: to the 32 bytes that quoin broker init prints, and 16 "
          "zero bytes"};
}

}  // namespace

Result<ByteArray<32>> broker_pin(td::Td& td) {
  // Report data that no earlier report can have.
  ByteArray<td::kReportDataBytes> fresh{};
  fill_random(fresh);
  const Bytes bytes = TRY(td.report(fresh));
  const TdReportStruct report = TRY(parse_td_report(bytes));
  const ByteView mr_config_id(report.td_info.mr_config_id);
  ByteArray<32> pin{};
  std::ranges::copy(mr_config_id.first(pin.size()), pin.begin());
  const ByteView behind = mr_config_id.subspan(pin.size());
  if (!all_zero(behind)) return no_pin("behind the first 32 bytes stands " + to_hex(behind));
  if (all_zero(pin)) return no_pin("it is zero");
  return pin;
}

}  // namespace quoin::cli
