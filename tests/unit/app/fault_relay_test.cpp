#include "app/fault_relay.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace firegate::app {
namespace {

using testing::ElementsAre;

class Cleared final : public SelfFault {
 public:
  void raise(SelfFaultCode code, std::string_view part, std::string) noexcept override { note("raise", code, part); }
  void clear(SelfFaultCode code, std::string_view part) noexcept override { note("clear", code, part); }
  std::vector<std::string> calls;

 private:
  void note(const char* what, SelfFaultCode code, std::string_view part) {
    calls.push_back(std::string(what) + " " + std::string(label(code)) + " " + std::string(part));
  }
};

Alarm alarm(std::string rule, std::string device, AlarmState state) {
  Alarm made;
  made.rule = std::move(rule);
  made.subject.device = std::move(device);
  made.state = state;
  return made;
}

TEST(FaultsOfTheLastRun, AreClearedWhereTheirConditionStood) {
  const std::vector<Alarm> restored{
      alarm("self_broker_lost", "gateway", AlarmState::unacknowledged),
      alarm("self_channel_failed", "gateway:duty:desk", AlarmState::acknowledged),
      alarm("self_disk_low", "gateway", AlarmState::returned_unacknowledged),
      alarm("self_of_another_version", "gateway", AlarmState::unacknowledged),
      alarm("smoke_alarm", "gateway", AlarmState::unacknowledged),
  };
  Cleared faults;
  clear_faults_of_last_run(restored, faults);
  EXPECT_THAT(faults.calls, ElementsAre("clear broker_lost ", "clear channel_failed duty:desk"));
}

TEST(FaultRelay, KeepsTheOrderOfWhatCameBeforeThereWasAnybodyToTell) {
  FaultRelay relay;
  relay.clear(SelfFaultCode::store_failed, "");
  relay.raise(SelfFaultCode::store_failed, "", "damaged");
  Cleared faults;
  relay.attach(&faults);
  relay.raise(SelfFaultCode::disk_low, "", "");
  EXPECT_THAT(faults.calls, ElementsAre("clear store_failed ", "raise store_failed ", "raise disk_low "));
}

}  // namespace
}  // namespace firegate::app
