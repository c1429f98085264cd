#include "api/problem.h"

#include "api/json_writer.h"

namespace firegate::api {
namespace {

constexpr std::string_view kProblemType = "application/problem+json";

int status_of(ErrorCode code) noexcept {
  switch (code) {
    case ErrorCode::bad_input: return 400;
    case ErrorCode::not_found: return 404;
    case ErrorCode::refused: return 409;
    case ErrorCode::unsupported: return 501;
    case ErrorCode::timed_out: return 504;
    case ErrorCode::overloaded:
    case ErrorCode::io_failed:
    case ErrorCode::corrupt: break;
  }
  return 503;
}

// Seconds after which asking again makes sense (our choice): a queue empties soon, a disk does not.
std::string_view retry_after(std::string_view code) noexcept { return code == "overloaded" ? "1" : "5"; }

Response problem_with(int status, std::string_view code, std::string_view detail, std::string_view state) {
  JsonWriter json;
  json.begin_object().member("type", "about:blank").member("title", phrase(status)).member("status", status);
  json.member("code", code).member("detail", detail);
  if (!state.empty()) json.member("state", state);
  json.end_object();

  Response response{status, std::string(kProblemType), {}, json.take()};
  if (status == 503) response.headers.push_back({"Retry-After", std::string(retry_after(code))});
  return response;
}

}  // namespace

Response problem(int status, std::string_view code, std::string_view detail) {
  return problem_with(status, code, detail, {});
}

Response problem(const Error& error) { return problem(status_of(error.code), label(error.code), error.message); }

Response refused(const Error& error, std::string_view state) {
  return problem_with(status_of(error.code), label(error.code), error.message, state);
}

void name_request(Response& response, std::string_view request_id) {
  if (response.content_type != kProblemType || !response.body.ends_with('}')) return;
  JsonWriter id;
  id.value(request_id);
  response.body.pop_back();
  response.body += ",\"request_id\":" + id.take() + "}";
}

}  // namespace firegate::api
