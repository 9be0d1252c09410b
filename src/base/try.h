// TRY: the value of a Result, or a return with its Error. The one macro of the code base.

#ifndef QUOIN_SRC_BASE_TRY_H_
#define QUOIN_SRC_BASE_TRY_H_

#include <utility>

#include "quoin/result.h"

// Evaluates `expression`, a Result, once. Its value, if it is one; else the enclosing function
// returns the Error. Works in functions that return any Result. Not to be nested.
//
//   Result<Certificate> parse_certificate(ByteView der) {
//     auto tbs = TRY(read_sequence(der));
//     TRY(tbs.finish());
#define TRY(expression)                                         \
  __extension__({                                               \
    auto try_result = (expression);                             \
    if (!try_result.ok()) return std::move(try_result).error(); \
    std::move(try_result).value();                              \
  })

#endif  // QUOIN_SRC_BASE_TRY_H_
