// How findings are printed, and what numbers of Intel's software mean.

#ifndef QUOIN_SRC_CLI_DOCTOR_REPORT_H_
#define QUOIN_SRC_CLI_DOCTOR_REPORT_H_

#include <span>
#include <string>

#include "src/cli/arguments.h"
#include "src/cli/output.h"
#include "src/doctor/finding.h"

namespace quoin::cli {

// The first line says what is wrong, or that nothing is; then a line a finding, and below those
// that are not ok why, and what to do. Printable whatever was seen.
std::string doctor_text(std::span<const doctor::Finding> findings, bool simulated, bool colour);

std::string doctor_json(std::span<const doctor::Finding> findings, bool simulated);

// What each --explain asks for. Returns the exit status.
int explain_numbers(const Arguments& arguments, Output& output);

}  // namespace quoin::cli

#endif  // QUOIN_SRC_CLI_DOCTOR_REPORT_H_
