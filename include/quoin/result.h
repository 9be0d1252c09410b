// Result<T>: a value or an Error. Nothing of ours throws.

#ifndef QUOIN_RESULT_H_
#define QUOIN_RESULT_H_

#include <cstdint>
#include <cstdlib>
#include <expected>
#include <string>
#include <string_view>
#include <utility>

namespace quoin {

// Callers may branch on a code. They must not branch on the text.
enum class ErrorCode : uint8_t {
  malformed,         // the bytes are not what the format says
  truncated,         // the bytes end too early
  trailing_bytes,    // something is left over behind the end
  too_large,         // over one of our limits
  unsupported,       // well-formed, and of a kind that we do not handle
  invalid_argument,  // the caller asked for something that makes no sense
  not_found,         // a file, an entry or a part is missing
  permission,        // the system does not let us
  io,                // the system failed
  timed_out,         // a deadline passed
  refused,           // understood, and not allowed
  crypto,            // the cryptographic library failed (never: a signature is wrong)
  internal,          // a bug of ours
};

// The code's name as spelled above, for output.
std::string_view to_string(ErrorCode code);

// What failed. `what` says what was seen and what was wanted, in lower case without a full stop;
// `hint`, which may be empty, says what to do.
struct Error {
  ErrorCode code = ErrorCode::internal;
  std::string what;
  std::string hint = {};
};

// A T, or the Error that says why there is none. Looking at the value of a failed Result ends the
// process: ask ok() first, or use TRY (src/base/try.h).
template <typename T>
class [[nodiscard]] Result {
 public:
  Result(T value) : state_(std::move(value)) {}
  Result(Error error) : state_(std::unexpected(std::move(error))) {}

  bool ok() const { return state_.has_value(); }

  const T& value() const& { return *checked(); }
  T& value() & { return *checked(); }
  T value() && { return std::move(*checked()); }

  const T& operator*() const& { return value(); }
  T& operator*() & { return value(); }
  T operator*() && { return std::move(*this).value(); }
  const T* operator->() const { return &value(); }
  T* operator->() { return &value(); }

  const Error& error() const& { return state_.error(); }
  Error&& error() && { return std::move(state_).error(); }

 private:
  const T* checked() const { return ok() ? &*state_ : (std::abort(), nullptr); }
  T* checked() { return ok() ? &*state_ : (std::abort(), nullptr); }

  std::expected<T, Error> state_;
};

// Success, or the Error.
template <>
class [[nodiscard]] Result<void> {
 public:
  Result() = default;
  Result(Error error) : state_(std::unexpected(std::move(error))) {}

  bool ok() const { return state_.has_value(); }
  void value() const {
    if (!ok()) std::abort();
  }

  const Error& error() const& { return state_.error(); }
  Error&& error() && { return std::move(state_).error(); }

 private:
  std::expected<void, Error> state_;
};

}  // namespace quoin

#endif  // QUOIN_RESULT_H_
