// LinkState: what a source has taught us and its next messages need (what a Zigbee model exposes, ...).
// Owned by the lane of the source and passed into the driver; opaque keys and bytes. One thread (the lane's strand).
// Committed before the inbox position passes the message that taught it.
#pragma once

#include <boost/unordered/unordered_flat_map.hpp>
#include <string>
#include <string_view>
#include <vector>

namespace firegate {

struct Learned {
  std::string key;
  std::string bytes;  // empty: forget the key
};

class LinkState {
 public:
  // Null when nothing is known under the key. Valid until the next `learn`.
  const std::string* find(std::string_view key) const {
    const auto found = known_.find(key);
    return found == known_.end() ? nullptr : &found->second;
  }
  void learn(const Learned& learned) {
    if (learned.bytes.empty()) {
      known_.erase(learned.key);
    } else {
      known_.insert_or_assign(learned.key, learned.bytes);
    }
  }
  std::size_t size() const noexcept { return known_.size(); }
  // In no order. Views: valid until the next `learn`.
  std::vector<std::string_view> keys() const {
    std::vector<std::string_view> keys;
    keys.reserve(known_.size());
    for (const auto& [key, bytes] : known_) keys.push_back(key);
    return keys;
  }

 private:
  struct Hash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const noexcept { return std::hash<std::string_view>{}(text); }
  };
  boost::unordered_flat_map<std::string, std::string, Hash, std::equal_to<>> known_;
};

}  // namespace firegate
