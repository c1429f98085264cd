// DeviceWords of a device: its entry as text, name by name, as changes are recorded and undone. Pure; any thread.
#pragma once

#include "core/device_record.h"
#include "registry/places_file.h"

namespace firegate::registry {

DeviceWords words_of(const Device& device, const DeviceFacts& facts);
// Leaves what differs.
void keep_differences(DeviceWords& from, DeviceWords& to);
// The device with these words in the place of its own; a place that exists no more stays as it is.
void apply_words(const DeviceWords& words, const Places& places, Device& device, DeviceFacts& facts);

}  // namespace firegate::registry
