#include "ingest/push_desk.h"

#include <algorithm>
#include <utility>

#include "ingest/push_signature.h"

namespace firegate::ingest {

PushDesk::PushDesk(PushSettings settings, Inbox& inbox, const Clock& clock) : inbox_(inbox), clock_(clock) {
  for (PushSource& source : settings.sources) doors_.push_back({std::move(source), {}});
}

void PushDesk::take(const Push& push, std::function<void(std::optional<PushRefusal>)> done) {
  Door* door = find(push.source);
  if (!door) return done(PushRefusal::unknown_source);
  if (const auto refusal = refuse(*door, push)) return done(refusal);
  const auto seq = inbox_.append(door->settings.topic, push.body, false, false, clock_.now());
  if (!seq) return done(PushRefusal::not_stored);
  if (door->settings.proof == PushProof::signature) {
    const auto signature = PushSignature::parse(push.signature);
    door->nonces[std::string(signature->nonce)] = {clock_.now() + 2 * kSignatureHolds, *seq};
  }
  inbox_.when_synced(*seq, [done = std::move(done)] { done(std::nullopt); });
}

PushDesk::Door* PushDesk::find(std::string_view source) noexcept {
  const auto at = std::ranges::find_if(doors_, [source](const Door& door) { return door.settings.source == source; });
  return at == doors_.end() ? nullptr : &*at;
}

std::optional<PushRefusal> PushDesk::refuse(Door& door, const Push& push) {
  const PushSource& settings = door.settings;
  if (settings.proof == PushProof::signature) return refuse_signature(door, push);
  if (!push.is_private) return PushRefusal::not_private;
  const std::string_view given = settings.proof == PushProof::bearer ? push.bearer : push.secret;
  return same_secret(given, settings.secret) ? std::nullopt : std::optional(PushRefusal::unproved);
}

// The proof first: strangers learn nothing of clock and nonces.
std::optional<PushRefusal> PushDesk::refuse_signature(Door& door, const Push& push) {
  const auto signature = PushSignature::parse(push.signature);
  if (!signature || !signature->proves(door.settings.secret, push.body)) return PushRefusal::unproved;
  const Instant now = clock_.now();
  const std::int64_t seconds = std::chrono::floor<std::chrono::seconds>(now.time_since_epoch()).count();
  const bool early = signature->seconds > seconds + kSignatureHolds.count();
  if (early || signature->seconds < seconds - kSignatureHolds.count()) return PushRefusal::clock_off;
  if (const auto used = door.nonces.find(std::string(signature->nonce)); used != door.nonces.end()) {
    // "Taken before" must be true: the message may wait for a disk that fails.
    return inbox_.synced_up_to() >= used->second.seq ? PushRefusal::replayed : PushRefusal::not_stored;
  }
  if (door.nonces.size() < kMostNonces) return std::nullopt;
  boost::unordered::erase_if(door.nonces, [now](const auto& entry) { return entry.second.forget_at < now; });
  return door.nonces.size() < kMostNonces ? std::nullopt : std::optional(PushRefusal::overloaded);
}

}  // namespace firegate::ingest
