#include <fmt/format.h>

#include "api/problem.h"
#include "api/routes/routes.h"

namespace firegate::api {
namespace {

// The console loads nothing from elsewhere; data: is what the build inlines (small images, fonts, sounds).
constexpr std::string_view kPagePolicy =
    "default-src 'self'; connect-src 'self'; img-src 'self' data:; font-src 'self' data:; media-src 'self' data:; "
    "object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'";

const Asset* look_up(const AssetLookup& lookup, std::string_view path) {
  if (!lookup) return nullptr;
  if (const Asset* asset = lookup(path)) return asset;
  const bool is_file = path.substr(path.rfind('/') + 1).find('.') != std::string_view::npos;
  return is_file ? nullptr : lookup("/index.html");
}

}  // namespace

Response serve_asset(const AssetLookup& lookup, const Request& request) {
  const Asset* asset = look_up(lookup, request.path);
  if (!asset) return problem(404, "not_found", fmt::format("looking up {}: no such path", request.path));

  Response response{200, std::string(asset->content_type), {}, {}};
  response.headers.push_back({"ETag", std::string(asset->etag)});
  response.headers.push_back({"Vary", "Accept-Encoding"});
  response.headers.push_back({"Cache-Control", asset->immutable ? "public, max-age=31536000, immutable" : "no-cache"});
  if (asset->content_type.starts_with("text/html")) {
    response.headers.push_back({"Content-Security-Policy", std::string(kPagePolicy)});
  }
  if (!asset->etag.empty() && request.header("If-None-Match") == asset->etag) {
    response.status = 304;
    return response;
  }
  const bool compressed = !asset->gzip.empty() && accepts_gzip(request.header("Accept-Encoding"));
  if (compressed) response.headers.push_back({"Content-Encoding", "gzip"});
  response.body = compressed ? asset->gzip : asset->body;
  return response;
}

}  // namespace firegate::api
