#pragma once

#include <optional>
#include <string>
#include <utility>
#include <variant>

namespace runward {

// Why something could not be done: the call, the object in quotes, the reason; and, in `hint`, what
// a person can do next (may be empty). A refused container is not an Error but a Decision.
struct Error {
  std::string message;
  std::string hint;
};

// A value or the Error that prevented it. Discarding one does not compile under -Werror.
template <typename T>
class [[nodiscard]] Result {
 public:
  Result(T value) : state_(std::in_place_index<0>, std::move(value)) {}
  Result(Error error) : state_(std::in_place_index<1>, std::move(error)) {}

  [[nodiscard]] bool ok() const { return state_.index() == 0; }
  // Only when ok().
  [[nodiscard]] T& value() & { return std::get<0>(state_); }
  [[nodiscard]] const T& value() const& { return std::get<0>(state_); }
  [[nodiscard]] T value() && { return std::get<0>(std::move(state_)); }
  // Only when not ok().
  [[nodiscard]] const Error& error() const& { return std::get<1>(state_); }
  [[nodiscard]] Error error() && { return std::get<1>(std::move(state_)); }

 private:
  std::variant<T, Error> state_;
};

template <>
class [[nodiscard]] Result<void> {
 public:
  Result() = default;
  Result(Error error) : error_(std::move(error)) {}

  [[nodiscard]] bool ok() const { return !error_.has_value(); }
  void value() const {}
  [[nodiscard]] const Error& error() const& { return *error_; }
  [[nodiscard]] Error error() && { return *std::move(error_); }

 private:
  std::optional<Error> error_;
};

// "message: strerror(err)" for a failed system call; `message` names the call and its object.
Error ErrnoError(std::string message, int err);

}  // namespace runward

// `auto x = TRY(F());` is F()'s value, or makes the enclosing function return F()'s Error.
#define TRY(...)                                                                \
  ({                                                                            \
    auto runward_try_result = (__VA_ARGS__);                                    \
    if (!runward_try_result.ok()) return std::move(runward_try_result).error(); \
    std::move(runward_try_result).value();                                      \
  })
