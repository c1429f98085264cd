// Grants as a set: what is left of some within others, who may hand them out, whether they can be stored, and in words.
// Pure functions.
#pragma once

#include <string>
#include <vector>

#include "core/account.h"
#include "core/result.h"

namespace firegate::accounts {

constexpr std::size_t kGrantsOfAUser = 64;  // our choice

// Roles whose powers sleep when nobody acts (reliability, T13).
constexpr bool sleeps(Role role) noexcept { return role == Role::manager || role == Role::admin; }
void drop_sleeping(std::vector<Grant>& grants);

// Every role in every estate.
std::vector<Grant> every_grant();

bool covers(const std::vector<Grant>& grants, const Grant& one) noexcept;
// What of `asked` stands within `held`: never more than either.
std::vector<Grant> within(const std::vector<Grant>& asked, const std::vector<Grant>& held);

// Without repetition, in order. bad_input: too many, or an estate that has no name.
Result<std::vector<Grant>> tidy(std::vector<Grant> grants);

// An administrator of every estate that the grants reach.
bool administers(const Principal& by, const std::vector<Grant>& grants);

// "duty in north, viewer in *"; "none".
std::string in_words(const std::vector<Grant>& grants);

}  // namespace firegate::accounts
