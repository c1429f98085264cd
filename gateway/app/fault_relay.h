// FaultRelay: takes faults of our own before the partitions exist that make alarms of them, and hands them on
// afterwards. Owned by `app`, first to be made and last to go. Any thread.
#pragma once

#include <mutex>
#include <span>
#include <string>
#include <vector>

#include "core/alarm.h"
#include "core/self_fault.h"

namespace firegate::app {

class FaultRelay final : public SelfFault {
 public:
  void raise(SelfFaultCode code, std::string_view part, std::string detail) noexcept override;
  void clear(SelfFaultCode code, std::string_view part) noexcept override;

  void attach(SelfFault* target);  // null: keep again
 private:
  struct Kept {
    SelfFaultCode code{};
    std::string part, detail;
    bool raised = false;
  };
  std::mutex mutex_;
  SelfFault* target_ = nullptr;
  std::vector<Kept> kept_;
};

// At start: clears the faults of ours that stood when we ended. A part clears only what it has raised in this run; what
// is still wrong is raised anew.
void clear_faults_of_last_run(std::span<const Alarm> restored, SelfFault& faults);

}  // namespace firegate::app
