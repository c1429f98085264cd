#include "api/idempotency.h"

#include <fmt/format.h>

#include <algorithm>

#include "api/problem.h"
#include "core/hash.h"

namespace firegate::api {
namespace {

std::string name_of(const Request& request, std::string_view key) {
  return fmt::format("{} {} {}", request.principal->who(), request.target, key);
}

// Whoever makes two bodies of one hash deceives only themselves: the name has the principal in it.
std::uint64_t hash_of(std::string_view body) noexcept { return StableHash().add(body).value(); }

}  // namespace

bool Idempotency::is_key(std::string_view text) noexcept {
  return !text.empty() && text.size() <= kMaxKeyBytes &&
         std::ranges::all_of(text, [](char c) { return c > 0x20 && c < 0x7F; });
}

std::optional<Response> Idempotency::begin(const Request& request, std::string_view key, Steady now) {
  forget_old(now);
  std::string name = name_of(request, key);
  const auto [at, is_new] = entries_.try_emplace(name);
  Entry& entry = at->second;
  if (is_new) {
    entry = {hash_of(request.body), ++last_number_, std::nullopt};
    ages_.push_back({std::move(name), entry.number, now});
    return std::nullopt;
  }
  if (entry.body != hash_of(request.body)) {
    return problem(422, "idempotency_conflict",
                   fmt::format("reading Idempotency-Key \"{}\": found another body than before", key));
  }
  if (entry.answer) return entry.answer;
  return problem(409, "refused",
                 fmt::format("reading Idempotency-Key \"{}\": its first request is being answered", key));
}

void Idempotency::finish(const Request& request, std::string_view key, const Response& response) {
  const auto at = entries_.find(name_of(request, key));
  if (at == entries_.end()) return;
  if (response.status >= 500) {
    entries_.erase(at);
  } else {
    at->second.answer = response;
  }
}

void Idempotency::forget_old(Steady now) {
  while (!ages_.empty() && (now - ages_.front().at >= kKept || ages_.size() >= kMaxKeys)) {
    const auto at = entries_.find(ages_.front().name);
    if (at != entries_.end() && at->second.number == ages_.front().number) entries_.erase(at);
    ages_.pop_front();
  }
}

}  // namespace firegate::api
