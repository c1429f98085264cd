// Json: the one place that turns the words of the core into the JSON of the API (openapi.yaml is the reference).
#pragma once

#include "api/json_writer.h"
#include "core/archive.h"
#include "core/device_record.h"
#include "core/live.h"
#include "duty/sounders.h"

namespace firegate::api {

void write(JsonWriter& json, const Alarm& alarm);
void write(JsonWriter& json, const Place& place);
void write(JsonWriter& json, const DeviceSnapshot& device, const DeviceFacts& facts);  // without values: lists
void write_with_values(JsonWriter& json, const DeviceSnapshot& device, const DeviceFacts& facts);  // one device
void write_test_members(JsonWriter& json, const Device& device, const DeviceFacts& facts);  // test_until, last_test
void write(JsonWriter& json, const DeviceChange& change);
void write(JsonWriter& json, const TestRecord& test);
void write(JsonWriter& json, const Health& health);
void write(JsonWriter& json, const duty::Silence& silence);
void write(JsonWriter& json, const duty::SilenceChange& change);
void write(JsonWriter& json, const Unmapped& device, const IgnoredDevice* ignored);  // null: it is not
void write(JsonWriter& json, const RejectedSample& sample);
void write(JsonWriter& json, const JournalEntry& entry);  // of an alarm: without the alarm
void write(JsonWriter& json, const JournalRow& row);
void write(JsonWriter& json, const JournalReport& report);
void write(JsonWriter& json, const DeliveryRow& delivery);
void write(JsonWriter& json, Point point, const Value& value);
void write_classes(JsonWriter& json);  // core/alarm_class.h as an array

template <typename List>
void write_list(JsonWriter& json, const List& list) {
  json.begin_array();
  for (const auto& item : list) write(json, item);
  json.end_array();
}

template <typename T>
std::string to_json(const T& of) {
  JsonWriter json;
  write(json, of);
  return json.take();
}

}  // namespace firegate::api
