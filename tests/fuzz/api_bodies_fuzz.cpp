// JSON that people and consoles send: every reader of a body, and of a frame of the live feed, is given the whole text.
// What is refused is refused as bad input that says why, in UTF-8.
#include "api/account_bodies.h"
#include "api/bodies.h"
#include "core/utf8.h"
#include "fuzz/fuzz.h"

namespace firegate::fuzz {
namespace {

constexpr Instant kNow{Millis{1'795'316'055'000}};

template <typename T>
void judge(const Result<T>& read) {
  if (read) return;
  must(read.error().code == ErrorCode::bad_input, "a wrong body is bad input");
  must(!read.error().message.empty() && is_utf8(read.error().message), "a refusal says why");
}

void read_acts(std::string_view body) {
  for (std::size_t kind = 0; kind < label_count<ActKind>(); ++kind) {
    const auto act = api::read_act(static_cast<ActKind>(kind), AlarmId{1}, body, kNow);
    judge(act);
    if (act) must(!act->post.empty() && is_utf8(act->why), "an act has a post, and its reason is text");
  }
  judge(api::read_silence(body));
}

void read_accounts(std::string_view body) {
  judge(api::read_sign_in(body));
  judge(api::read_confirm(body));
  judge(api::read_setup(body));
  judge(api::read_redeem(body, false));
  judge(api::read_redeem(body, true));
  judge(api::read_new_password(body));
  judge(api::read_new_pin(body));
  judge(api::read_user(body));
  judge(api::read_user_patch(body));
  judge(api::read_token(body, kNow));
  judge(api::read_invite(body));
}

}  // namespace
}  // namespace firegate::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const firegate::fuzz::Exact body(firegate::fuzz::text_of(data, size));
  firegate::fuzz::read_acts(body.text());
  firegate::fuzz::read_accounts(body.text());
  firegate::fuzz::judge(firegate::api::read_client_frame(body.text()));
  return 0;
}
