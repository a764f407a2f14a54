#pragma once

#include <vector>

#include "base/result.h"
#include "policy/address.h"

namespace runward {

// The addresses of a network namespace's interfaces, and the networks that they are in.
class InterfaceAddresses {
 public:
  // Of the calling thread's.
  static Result<InterfaceAddresses> Read();

  // Whether it is one of them, or of the loopback.
  [[nodiscard]] bool Has(const Address& address) const;
  // Those of interfaces that are not the loopback, by which others reach it.
  [[nodiscard]] std::vector<Address> Reachable() const;
  // Whether it lies in a network of an interface that is not the loopback.
  [[nodiscard]] bool Near(const Address& address) const;

 private:
  struct One {
    Address address;
    Address mask;
    bool loopback = false;
  };
  std::vector<One> all_;
};

}  // namespace runward
