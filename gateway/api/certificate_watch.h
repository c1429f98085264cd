// CertificateWatch: says in time that the certificate of HTTPS ends: the fault certificate_ending, part "https", raised
// anew 30, 7 and 1 days before (reliability, F42) and once it has ended; cleared by a fresh one. Web thread only; time
// is a parameter.
#pragma once

#include <cstddef>
#include <optional>

#include "core/clock.h"
#include "core/self_fault.h"

namespace firegate::api {

class CertificateWatch {
 public:
  explicit CertificateWatch(SelfFault& self_fault) : self_fault_(self_fault) {}

  // Each second, so also right after a reload. None: there is no HTTPS, nothing to watch.
  void look(std::optional<Instant> ends_at, Instant now);

 private:
  SelfFault& self_fault_;
  std::size_t step_ = 0;  // how many of the steps have been said
};

}  // namespace firegate::api
