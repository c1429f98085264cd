#include "accounts/grants.h"

#include <fmt/format.h>

#include <algorithm>

#include "accounts/words.h"

namespace firegate::accounts {
namespace {

constexpr std::size_t kLongestEstate = 64;  // bytes

}  // namespace

void drop_sleeping(std::vector<Grant>& grants) {
  std::erase_if(grants, [](const Grant& grant) { return sleeps(grant.role); });
}

std::vector<Grant> every_grant() {
  std::vector<Grant> all;
  for (std::size_t role = 0; role < label_count<Role>(); ++role) {
    all.push_back({static_cast<Role>(role), std::string(kEveryEstate)});
  }
  return all;
}

bool covers(const std::vector<Grant>& grants, const Grant& one) noexcept {
  return std::ranges::any_of(grants,
                             [&one](const Grant& grant) { return grant.role == one.role && grant.covers(one.estate); });
}

std::vector<Grant> within(const std::vector<Grant>& asked, const std::vector<Grant>& held) {
  std::vector<Grant> left;
  const auto take = [&left](const Grant& grant) {
    if (std::ranges::find(left, grant) == left.end()) left.push_back(grant);
  };
  for (const Grant& one : asked) {
    if (covers(held, one)) {
      take(one);
      continue;
    }
    for (const Grant& other : held) {
      if (other.role == one.role && one.covers(other.estate)) take(other);
    }
  }
  return left;
}

Result<std::vector<Grant>> tidy(std::vector<Grant> grants) {
  for (const Grant& grant : grants) {
    if (!is_short_text(grant.estate, kLongestEstate)) {
      return fail(ErrorCode::bad_input, fmt::format("granting {}: found estate \"{}\", expected its id or \"*\"",
                                                    label(grant.role), excerpt(grant.estate)));
    }
  }
  std::ranges::sort(
      grants, [](const Grant& a, const Grant& b) { return a.role != b.role ? a.role < b.role : a.estate < b.estate; });
  const auto repeated = std::ranges::unique(grants);
  grants.erase(repeated.begin(), repeated.end());
  if (grants.size() > kGrantsOfAUser) {
    return fail(ErrorCode::bad_input,
                fmt::format("granting roles: found {} grants, expected at most {}", grants.size(), kGrantsOfAUser));
  }
  return grants;
}

bool administers(const Principal& by, const std::vector<Grant>& grants) {
  const Scope scope = by.scope(Permission::administer);
  return scope.any() &&
         std::ranges::all_of(grants, [&scope](const Grant& grant) { return scope.admits(grant.estate); });
}

std::string in_words(const std::vector<Grant>& grants) {
  if (grants.empty()) return "none";
  std::string words;
  for (const Grant& grant : grants) {
    if (!words.empty()) words += ", ";
    words += fmt::format("{} in {}", label(grant.role), grant.estate);
  }
  return words;
}

}  // namespace firegate::accounts
