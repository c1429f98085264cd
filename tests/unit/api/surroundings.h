// What the web part stands on in its tests: the fakes of every seam.
#pragma once

#include "metrics/metrics.h"
#include "support/fakes_api.h"
#include "unit/api/commands.h"
#include "unit/api/devices.h"
#include "unit/api/pictures.h"
#include "unit/api/rules.h"

namespace firegate::api {

struct Surroundings {
  fakes::StillClock clock;
  fakes::ScriptedActs acts;
  fakes::FixedDevices devices;
  fakes::FixedHealth health;
  fakes::FixedTray tray;
  fakes::RecordedFaults faults;
  fakes::ScriptedAccountStore store;
  fakes::Records records;
  metrics::Metrics metrics;
  fakes::ScriptedRuleDesk rule_desk;
  fakes::ScriptedDeviceDesk device_desk{devices, metrics};
  fakes::ScriptedPictureDesk picture_desk;
  fakes::ScriptedCommands commands;
};

}  // namespace firegate::api
