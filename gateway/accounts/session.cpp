#include "accounts/session.h"

#include <algorithm>

#include "accounts/grants.h"

namespace firegate::accounts {
namespace {

using std::chrono::duration_cast;

}  // namespace

std::optional<std::chrono::hours> lasts(SessionKind kind) noexcept {
  switch (kind) {
    case SessionKind::person: return kPersonLasts;
    case SessionKind::phone: return kPhoneLasts;
    case SessionKind::wall: return std::nullopt;
  }
  return std::nullopt;
}

Session begin_session(SessionRecord record, Instant now, Steady steady) {
  Session session;
  const Instant passed = std::max({now, record.used_at, record.created_at});
  if (const auto longest = lasts(record.kind)) {
    session.ends = steady + std::clamp(record.ends_at - passed, Millis(0), Millis(*longest));
  }
  session.used = steady - std::clamp(passed - record.used_at, Millis(0), Millis(kUnusedEnds));
  session.stored_used = record.used_at;
  session.record = std::move(record);
  return session;
}

std::vector<Grant> grants_of(const Session& session, const UserRecord& user, Steady now) {
  std::vector<Grant> grants = session.record.grants.empty() ? user.grants : within(session.record.grants, user.grants);
  // A wall only looks and silences: it has no powers that could be left lying open.
  if (session.record.kind != SessionKind::wall && session.asleep(now)) drop_sleeping(grants);
  return grants;
}

std::string_view why_ended(const Session& session, const UserRecord* user, Steady now) {
  if (user == nullptr) return "its user is gone";
  if (user->disabled) return "its user is disabled";
  if (session.ends && now >= *session.ends) return "its time is over";
  if (session.ends && now - session.used >= kUnusedEnds) return "unused for 12 h";
  if (!grants_of(session, *user, now).empty()) return {};
  return session.record.kind == SessionKind::wall ? "its maker may no longer what it shows"
                                                  : "no role is awake: 15 min without an act";
}

SessionRecord as_stored(const Session& session, Instant now, Steady steady) {
  SessionRecord record = session.record;
  if (!session.ends) return record;
  record.used_at = now - duration_cast<Millis>(steady - session.used);
  record.ends_at = now + duration_cast<Millis>(*session.ends - steady);
  return record;
}

}  // namespace firegate::accounts
