#include "decode/flood.h"

#include <algorithm>
#include <iterator>

namespace firegate::decode {
namespace {

constexpr std::size_t kMaxReplies = 16;  // our choice

MessageKind merged_kind(MessageKind kind) noexcept {
  return kind == MessageKind::snapshot ? MessageKind::delta
                                       : kind;  // a merged snapshot mentions only what changed last
}

bool is_fire(const Reading& reading) noexcept {
  const bool* truth = as_bool(reading.value);
  return says_fire(reading.point) && truth && *truth;
}

std::vector<Reading>::iterator same_point(std::vector<Reading>& readings, const Reading& reading) {
  return std::ranges::find_if(readings, [&reading](const Reading& other) {
    return other.point == reading.point && other.port == reading.port;
  });
}

void put(std::vector<Reading>& readings, Reading reading) {
  const auto at = same_point(readings, reading);
  if (at == readings.end()) {
    readings.push_back(std::move(reading));
  } else {
    *at = std::move(reading);
  }
}

void drop(std::vector<Reading>& readings, const Reading& reading) {
  const auto at = same_point(readings, reading);
  if (at != readings.end()) readings.erase(at);
}

}  // namespace

bool Allowance::take(Instant at, double per_second, double burst) noexcept {
  if (tokens_ < 0) {
    tokens_ = burst;
  } else if (at > last_) {
    const auto waited = std::chrono::duration<double>(at - last_).count();
    tokens_ = std::min(burst, tokens_ + waited * per_second);
  }
  last_ = std::max(last_, at);
  if (tokens_ < 1) return false;
  tokens_ -= 1;
  return true;
}

void Merged::add(ToPartition item) {
  item.message.kind = merged_kind(item.message.kind);
  if (item.message.kind == MessageKind::reply) {
    if (replies_.size() == kMaxReplies) replies_.erase(replies_.begin());
    replies_.push_back(std::move(item));
    return;
  }
  const auto part = std::ranges::find_if(parts_, [&item](const Part& known) {
    return known.item.message.kind == item.message.kind && known.item.retained == item.retained &&
           known.item.backlog == item.backlog;
  });
  if (part == parts_.end()) {
    parts_.push_back({std::move(item), {}});
    return;
  }
  for (Reading& reading : item.message.readings) {
    const auto kept = same_point(part->item.message.readings, reading);
    const bool holds_fire = kept != part->item.message.readings.end() && is_fire(*kept);
    if (holds_fire && !is_fire(reading)) {
      put(part->after_fire, std::move(reading));
    } else {
      if (holds_fire) drop(part->after_fire, reading);
      put(part->item.message.readings, std::move(reading));
    }
  }
  item.message.readings = std::move(part->item.message.readings);
  if (!item.raw) item.raw = std::move(part->item.raw);
  part->item = std::move(item);  // the newest device, time and number
}

std::vector<ToPartition> Merged::take() {
  std::vector<ToPartition> items;
  for (Part& part : parts_) {
    ToPartition after = part.item;
    items.push_back(std::move(part.item));
    if (part.after_fire.empty()) continue;
    after.message.readings = std::move(part.after_fire);
    after.raw = nullptr;  // goes along once
    items.push_back(std::move(after));
  }
  std::ranges::move(replies_, std::back_inserter(items));
  parts_.clear();
  replies_.clear();
  return items;
}

}  // namespace firegate::decode
