// Listening: whether anybody can hear a post (console page, decision 4). A console reports every 20 s whether its page
// is visible and its audio runs; a post that once had such a console and has had none for 60 s is unheard: a fault of
// ours. Steady time, so that a stepped clock neither hides nor invents a fault. Pure; the owner's thread.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "core/clock.h"

namespace firegate::duty {

constexpr Millis kUnheardAfter = std::chrono::seconds{60};  // console page, decision 4

class Listening {
 public:
  // A console of the post says that it is visible and can sound. True when the post was unheard until now.
  bool heard(std::string_view post, Steady now);
  // The posts that have become unheard since the last tick.
  std::vector<std::string> tick(Steady now);
  // How many posts have a console that can be heard.
  std::size_t audible() const noexcept;

 private:
  struct Post {
    Steady last_heard{};
    bool unheard = false;
  };
  std::map<std::string, Post, std::less<>> posts_;
};

}  // namespace firegate::duty
