// Places, devices and disablements as the registry keeps them: read from files into an empty store, then the store is
// the master (architecture, decision 8).
#pragma once

#include <span>
#include <string>
#include <vector>

#include "core/device_map.h"
#include "store/database.h"

namespace firegate::store::places {

struct Places {
  std::vector<PlacePtr> places;  // each after the one that holds it
  std::vector<Device> devices;   // mapped ones, without numbers; where they are, by the ids of their place
};

// All of it or nothing, inside the caller's transaction. The disablements become those of the devices.
Result<void> replace_all(Transaction& transaction, const Places& places);
Result<void> save_device(Transaction& transaction,
                         const Device& device);  // adopted, moved, renamed, disabled or enabled

// In the order in which they were given. Devices of one place share it.
Result<Places> load(Database& database);

}  // namespace firegate::store::places
