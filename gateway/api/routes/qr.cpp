// Pictures of our own addresses, for phones to scan. Of nothing else: a picture from us must not lead elsewhere.
#include "documents/qr.h"

#include <fmt/format.h>

#include "api/problem.h"
#include "api/query.h"
#include "api/routes/routes.h"

namespace firegate::api {
namespace {

bool is_own_address(std::string_view text, const Request& request) noexcept {
  const std::string_view scheme = request.secure ? "https://" : "http://", host = request.header("Host");
  if (host.empty() || !text.starts_with(scheme)) return false;
  const std::string_view rest = text.substr(scheme.size());
  return equal_ignoring_case(rest.substr(0, rest.find('/')), host);
}

Response draw(const Request& request) {
  Query query(request);
  const std::string text = query.text("text");
  if (!is_own_address(text, request)) {
    query.wrong("text", text, fmt::format("an address of {}", request.header("Host")));
  }
  if (const auto error = query.finish()) return problem(*error);
  auto picture = documents::qr_svg(text);
  return picture ? Response{200, "image/svg+xml", {}, std::move(*picture)} : problem(picture.error());
}

}  // namespace

void add_qr_routes(Router& router, const Context&) {
  router.get("/api/v1/qr.svg", kSignedIn,
             [](const Request& request, const Responder& respond) { respond(draw(request)); });
}

}  // namespace firegate::api
