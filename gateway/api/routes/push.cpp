// Messages of platforms that push by HTTP. The answer 202 says that the message is on disk, nothing else does.
#include <array>

#include "api/problem.h"
#include "api/query.h"
#include "api/routes/routes.h"

namespace firegate::api {
namespace {

struct Answer {
  int status;
  Refusal counted;
  std::string_view detail;
};

// What a stranger hears of a source that is not there equals what is said of a wrong proof.
constexpr std::array<Answer, label_count<PushRefusal>()> kAnswers{{
    {401, Refusal::push_unknown_source, "taking a push: expected the proof of this source"},
    {401, Refusal::push_unproved, "taking a push: expected the proof of this source"},
    {403, Refusal::push_not_private, "taking a push with a secret: expected HTTPS"},
    {401, Refusal::push_clock_off, "taking a push: expected a signature of the last or next five minutes"},
    {409, Refusal::push_replayed, "taking a push: this signature was taken before"},
    {503, Refusal::push_overloaded, "taking a push: expected fewer within ten minutes"},
    {503, Refusal::push_not_stored, "taking a push: the inbox cannot be written; it was not taken, send it again"},
}};

Response refusal_of(PushRefusal why) {
  const Answer& answer = kAnswers[static_cast<std::size_t>(why)];
  const std::string_view code = why == PushRefusal::unknown_source ? label(PushRefusal::unproved) : label(why);
  Response response = problem(answer.status, code, answer.detail);
  if (answer.status == 503) response.headers.push_back({"Retry-After", "5"});
  return response;
}

std::string_view bearer_of(const Request& request) noexcept {
  constexpr std::string_view kScheme = "Bearer ";
  const std::string_view header = request.header("Authorization");
  return header.starts_with(kScheme) ? header.substr(kScheme.size()) : std::string_view{};
}

// Nobody listens on the way: TLS, or from this machine.
bool is_private(const Request& request) noexcept {
  return request.secure || request.local_uid || request.address == "127.0.0.1" || request.address == "::1";
}

Response taken() {
  Response response = json_response(R"({"taken":true})");
  response.status = 202;
  return response;
}

void take(const Context& context, const Request& request, const Responder& respond) {
  // Counting is the web thread's, and the answer may come from the inbox's.
  const auto refuse = [&context, request, respond](PushRefusal why) {
    context.door.authorise.count(kAnswers[static_cast<std::size_t>(why)].counted, request);
    respond(refusal_of(why));
  };
  if (!context.pushes) return refuse(PushRefusal::unknown_source);
  const std::string secret(Query(request).text("secret"));
  Push push;
  push.source = request.arguments[0];
  push.signature = request.header("X-Firegate-Signature");
  push.bearer = bearer_of(request);
  push.secret = secret;
  push.body = request.body;
  push.is_private = is_private(request);
  context.pushes->take(push, [&context, refuse, respond](std::optional<PushRefusal> why) {
    if (!why) return respond(taken());
    context.post([refuse, why = *why] { refuse(why); });
  });
}

}  // namespace

void add_push_routes(Router& router, const Context& context) {
  router.post("/api/v1/ingest/{source}", kPushed,
              [&context](const Request& request, const Responder& respond) { take(context, request, respond); });
}

}  // namespace firegate::api
