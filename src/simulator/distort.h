// Quotes as faulty hosts hand them over.

#ifndef QUOIN_SRC_SIMULATOR_DISTORT_H_
#define QUOIN_SRC_SIMULATOR_DISTORT_H_

#include "quoin/bytes.h"
#include "src/simulator/faults.h"

namespace quoin::simulator {

// Report data, or other report data where a fault says so.
ByteArray<64> distort_report_data(ByteArray<64> report_data, Fault fault, Faults& faults);

// The quote, with what the faults called quote-... make of it.
Bytes distort_quote(Bytes quote, Faults& faults);

}  // namespace quoin::simulator

#endif  // QUOIN_SRC_SIMULATOR_DISTORT_H_
