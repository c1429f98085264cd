#include "app/clock_watch.h"

#include <fmt/format.h>

#include "core/log.h"

namespace firegate::app {
namespace {

constexpr Millis kQuietAfter{60'000};  // our choice

}  // namespace

ClockWatch::ClockWatch(Clock& clock, SelfFault& faults, Journal& journal, std::function<void(Millis)> stepped)
    : clock_(clock), faults_(faults), journal_(journal), stepped_(std::move(stepped)) {}

void ClockWatch::look() {
  const Millis drift = clock_.drift();
  const Steady now = clock_.steady_now();
  if (std::chrono::abs(drift) <= kClockStep) {
    if (last_step_ && now - *last_step_ > kQuietAfter) {
      last_step_.reset();
      faults_.clear(SelfFaultCode::clock_stepped, "");
    }
    return;
  }
  clock_.re_anchor();
  last_step_ = now;
  stepped_(drift);
  const std::string detail = fmt::format("the system's clock moved by {} ms", drift.count());
  log::warning("clock_stepped", {{"step_ms", drift.count()}});
  Batch batch;
  batch.journal.push_back({clock_.now(), "clock_step", AlarmId{}, "gateway", "", "", "system", "", detail});
  batch.urgent = true;
  journal_.write(std::move(batch), [](const Result<void>&) {});
  faults_.raise(SelfFaultCode::clock_stepped, "", detail);
}

}  // namespace firegate::app
