#include "duty/listening.h"

#include <algorithm>
#include <utility>

namespace firegate::duty {

bool Listening::heard(std::string_view post, Steady now) {
  auto at = posts_.find(post);
  if (at == posts_.end()) at = posts_.emplace(std::string(post), Post{}).first;
  at->second.last_heard = now;
  return std::exchange(at->second.unheard, false);
}

std::vector<std::string> Listening::tick(Steady now) {
  std::vector<std::string> unheard;
  for (auto& [name, post] : posts_) {
    if (post.unheard || now - post.last_heard < kUnheardAfter) continue;
    post.unheard = true;
    unheard.push_back(name);
  }
  return unheard;
}

std::size_t Listening::audible() const noexcept {
  return static_cast<std::size_t>(std::ranges::count_if(posts_, [](const auto& entry) { return !entry.second.unheard; }));
}

}  // namespace firegate::duty
