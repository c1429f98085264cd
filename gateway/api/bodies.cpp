#include "api/bodies.h"

#include "api/members.h"

namespace firegate::api {
namespace {

constexpr std::size_t kMostEstates = 100;  // of one subscription; our choice

SubFrame read_sub(Members& members) {
  SubFrame sub;
  if (members.has("estates")) sub.estates = members.texts("estates", kMostEstates);
  if (!members.has("topics")) return sub;
  sub.topics.reset();
  for (const std::string& word : members.texts("topics", label_count<Topic>())) {
    const auto topic = from_label<Topic>(word);
    if (topic) sub.topics.set(static_cast<std::size_t>(*topic));
    else members.wrong("topics", "has what is no topic", fmt::format("{}", fmt::join(Labels<Topic>::list, ", ")));
  }
  return sub;
}

}  // namespace

Result<Act> read_act(ActKind kind, AlarmId alarm, std::string_view body, Instant now) {
  return read_body<Act>(body, [kind, alarm, now](Members& members, Act& act) {
    act.kind = kind;
    act.alarm = alarm;
    act.post = members.text("post", kMaxNameBytes, true);
    act.why = members.text("why", kMaxReasonBytes, false);
    if (kind == ActKind::verdict) act.verdict = members.choice<Verdict>("verdict");
    if (kind == ActKind::shelve) act.until = members.instant_after("until", now);
  });
}

Result<SilenceBody> read_silence(std::string_view body) {
  return read_body<SilenceBody>(
      body, [](Members& members, SilenceBody& silence) { silence.post = members.text("post", kMaxNameBytes, true); });
}

Result<ClientFrame> read_client_frame(std::string_view text) {
  return read_body<ClientFrame>(text, [](Members& members, ClientFrame& frame) {
    const std::string type = members.text("t", kMaxNameBytes, true);
    if (type == "resume") {
      ResumeFrame resume;
      resume.server_id = members.text("server_id", kMaxNameBytes, false);
      resume.seq = members.count("seq");
      frame = std::move(resume);
    } else if (type == "console") {
      ConsoleFrame console;
      console.post = members.text("post", kMaxNameBytes, true);
      console.build = members.text("build", kMaxNameBytes, false);
      console.visible = members.boolean("visible");
      console.audio_running = members.text("audio", kMaxNameBytes, true) == "running";
      frame = std::move(console);
    } else if (type == "sub") {
      frame = read_sub(members);
    }
  });
}

}  // namespace firegate::api
