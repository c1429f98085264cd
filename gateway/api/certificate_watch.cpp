#include "api/certificate_watch.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <string>

namespace firegate::api {
namespace {

using std::chrono::days;

constexpr std::string_view kPart = "https";
// What is left when it is said (reliability, F42).
constexpr std::array<days, 4> kSteps{days{30}, days{7}, days{1}, days{0}};

std::string detail_of(Instant ends_at, Instant now) {
  const auto left = std::chrono::floor<days>(ends_at - now).count();
  const std::string when = ends_at <= now ? "has ended"
                           : left < 1     ? "ends within a day"
                                          : fmt::format("ends in {} {}", left, left == 1 ? "day" : "days");
  return fmt::format(
      "the certificate of HTTPS {}, at {}: renew it (firegate tls init, or whoever issued it), put it in its place, "
      "and "
      "reload with SIGHUP",
      when, to_text(ends_at));
}

}  // namespace

void CertificateWatch::look(std::optional<Instant> ends_at, Instant now) {
  if (!ends_at) return;
  const auto due = static_cast<std::size_t>(
      std::ranges::count_if(kSteps, [left = *ends_at - now](days step) { return left <= step; }));
  if (due == step_) return;
  // A live fault is not raised a second time: each step clears the one before, so that people are called again.
  if (step_ > 0) self_fault_.clear(SelfFaultCode::certificate_ending, kPart);
  if (due > 0) self_fault_.raise(SelfFaultCode::certificate_ending, kPart, detail_of(*ends_at, now));
  step_ = due;
}

}  // namespace firegate::api
