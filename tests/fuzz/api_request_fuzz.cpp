// Whole requests of the API, without sockets, at a gateway with people, devices and alarms: target, query, headers,
// admission, cookies, tokens, ETags, paths and bodies. A request: "GET /api/v1/alarms", headers a line each, an empty
// line, the body. Several may follow one another. Who asks is signed in; a header of the request's own takes the place
// of what the console would send.
#include "core/utf8.h"
#include "fuzz/fuzz.h"
#include "unit/api/rig.h"

namespace firegate::api {
namespace {

using fuzz::must;
using fuzz::take;

const std::string kProxy = "10.0.0.1";

class House final : public Rig {
 public:
  House() { passwords_full = true; }  // argon2id would be all that is measured
  void TestBody() override {}

  void answer(std::string_view text) {
    std::string_view rest = text;
    std::string_view first = take(rest, '\n');
    std::string method(take(first, ' '));
    Headers headers;
    while (!rest.empty()) {
      std::string_view line = take(rest, '\n');
      if (line.empty()) break;
      std::string name(take(line, ':'));
      headers.push_back(
          {std::move(name), std::string(line.substr(std::min(line.find_first_not_of(' '), line.size())))});
    }
    ask_once(make_request(std::move(method), std::string(first), std::string(rest), std::move(headers)));
  }

 private:
  void ask_once(Request request) {
    Peer peer;
    peer.address = request.header("X-Forwarded-For").empty() ? address : kProxy;
    set_origin(request, peer, std::vector{kProxy});
    int answers = 0;
    service.handle(std::move(request), [&answers](const Response& response) {
      ++answers;
      must_be_whole(response);
    });
    must(answers == 1, "one answer to one request");
  }
  static void must_be_whole(const Response& response) {
    must(response.status >= 200 && response.status < 600, "a status of HTTP");
    must(response.status != 500, "no failure of ours");
    for (const Header& header : response.headers) {
      must(header.value.find_first_of("\r\n") == std::string::npos, "a header is one line");
    }
    if (!response.content_type.ends_with("json") || response.body.empty()) return;
    boost::system::error_code wrong;
    static_cast<void>(json::parse(response.body, wrong));
    must(!wrong, "an answer is JSON");
    must(is_utf8(response.body), "an answer is UTF-8");
  }
};

}  // namespace
}  // namespace firegate::api

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  firegate::api::House house;
  std::string_view rest = firegate::fuzz::text_of(data, size);
  for (int most = 4; !rest.empty() && most > 0; --most) house.answer(firegate::fuzz::take(rest, firegate::fuzz::kNext));
  return 0;
}
