// Text forms that come back from the store, the journal's files, the API's paths and people: each reader is given the
// whole text. What was read and is written again reads as the same.
#include "accounts/secret.h"
#include "accounts/words.h"
#include "core/alarm.h"
#include "core/config_node.h"
#include "core/utf8.h"
#include "fuzz/fuzz.h"
#include "rules/evaluate.h"
#include "store/checkpoints.h"
#include "store/tables/accounts.h"
#include "store/tables/evidence.h"

namespace firegate::fuzz {
namespace {

void read_values(std::string_view text) {
  const Value value = value_from_stored(text);
  const std::string again = to_stored(value);
  must(to_stored(value_from_stored(again)) == again, "a stored value reads back");
  for (std::size_t i = 0; i < kPointCount; ++i) static_cast<void>(to_text(static_cast<Point>(i), value));

  const std::string evidence = store::evidence_to_stored(store::evidence_from_stored(text));
  must(store::evidence_to_stored(store::evidence_from_stored(evidence)) == evidence, "evidence reads back");
}

void read_rule_state(std::string_view text) {
  const auto state = rules::RuleState::from_text(text);
  if (state) must(rules::RuleState::from_text(state->to_text()) == state, "a rule's state reads back");
}

void read_names(std::string_view text) {
  if (const auto id = alarm_id_from_text(text))
    must(alarm_id_from_text(to_text(*id)) == id, "an alarm's id reads back");
  if (const auto at = instant_from_text(text)) must(instant_from_text(to_text(*at)) == at, "a time reads back");
  if (const auto length = duration_from_text(text)) must(length->count() >= 0, "a duration is not negative");
  if (const auto point = point_from_name(text)) must(name(*point) == text, "a point has one name");
  must(!is_id(text) || is_utf8(text), "an id is text");
  must(is_utf8(readable(text, 1024)), "what people are shown is text");
}

void read_accounts(std::string_view text) {
  if (const auto grants = store::accounts::grants_from_text(text)) {
    must(store::accounts::grants_from_text(store::accounts::grants_to_text(*grants)) == grants, "grants read back");
  }
  if (const auto code = accounts::read_code(text)) must(code->size() == 16, "a code has sixteen characters");
  if (const auto id = accounts::id_of_token(text)) must(text.find(*id) != std::string_view::npos, "a token has its id");
  const std::string user = accounts::typed_user_id(text);
  must(!accounts::is_user_id(user) || is_utf8(user), "a user's id is text");
  static_cast<void>(accounts::is_short_text(text, accounts::kLongestName));
  must(is_utf8(accounts::excerpt(text)), "an excerpt is text");
}

void read_journal(std::string_view text) {
  static_cast<void>(store::chain_hash_from_hex(text));
  const auto line = store::line_from_text(text);
  static const store::PublicKey kNobody{};
  if (line) static_cast<void>(store::is_signed_by(*line, kNobody));
}

}  // namespace
}  // namespace firegate::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace firegate::fuzz;
  const std::string_view text = text_of(data, size);
  read_values(text);
  read_rule_state(text);
  read_names(text);
  read_accounts(text);
  read_journal(text);
  return 0;
}
