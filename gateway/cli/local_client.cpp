#include "cli/local_client.h"

#include <curl/curl.h>
#include <fmt/format.h>

#include <boost/json.hpp>
#include <cstdio>
#include <memory>

#include "cli/cli.h"

namespace firegate::cli {
namespace {

namespace json = boost::json;

constexpr long kConnectWithinMs = 3'000;
constexpr long kAnswerWithinMs = 20'000;  // longer than the program takes to say that it cannot

using Handle = std::unique_ptr<CURL, decltype(&curl_easy_cleanup)>;
using HeaderList = std::unique_ptr<curl_slist, decltype(&curl_slist_free_all)>;

std::size_t take_body(char* data, std::size_t size, std::size_t count, void* into) {
  static_cast<std::string*>(into)->append(data, size * count);
  return size * count;
}

std::size_t take_header(char* data, std::size_t size, std::size_t count, void* into) {
  constexpr std::string_view kName = "etag: ";
  std::string_view line(data, size * count);
  const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; };
  const bool is_etag = line.size() > kName.size() && std::equal(kName.begin(), kName.end(), line.begin(),
                                                                [lower](char a, char b) { return a == lower(b); });
  if (is_etag) {
    line.remove_prefix(kName.size());
    *static_cast<std::string*>(into) = line.substr(0, line.find_first_of("\r\n"));
  }
  return size * count;
}

HeaderList header_list(std::string_view type, const std::vector<std::string>& more) {
  HeaderList list(curl_slist_append(nullptr, fmt::format("Content-Type: {}", type).c_str()), &curl_slist_free_all);
  for (const std::string& header : more) curl_slist_append(list.get(), header.c_str());
  return list;
}

int exit_code_of(int status) noexcept {
  if (status == 404) return kNotFound;
  return status == 401 || status == 403 ? kDenied : kFailed;
}

}  // namespace

Result<RawReply> LocalClient::send(std::string_view method, std::string_view path, const std::string& body,
                                   std::string_view type, const std::vector<std::string>& headers) const {
  const Handle curl(curl_easy_init(), &curl_easy_cleanup);
  if (!curl) return fail(ErrorCode::io_failed, "asking the gateway: no memory for a connection");
  const HeaderList list = header_list(type, headers);
  const std::string url = fmt::format("http://localhost{}", path), verb(method), socket = socket_.string();
  RawReply reply;
  curl_easy_setopt(curl.get(), CURLOPT_UNIX_SOCKET_PATH, socket.c_str());
  curl_easy_setopt(curl.get(), CURLOPT_URL, url.c_str());
  curl_easy_setopt(curl.get(), CURLOPT_CUSTOMREQUEST, verb.c_str());
  curl_easy_setopt(curl.get(), CURLOPT_HTTPHEADER, list.get());
  curl_easy_setopt(curl.get(), CURLOPT_PROXY, "");
  curl_easy_setopt(curl.get(), CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(curl.get(), CURLOPT_CONNECTTIMEOUT_MS, kConnectWithinMs);
  curl_easy_setopt(curl.get(), CURLOPT_TIMEOUT_MS, kAnswerWithinMs);
  curl_easy_setopt(curl.get(), CURLOPT_WRITEFUNCTION, &take_body);
  curl_easy_setopt(curl.get(), CURLOPT_WRITEDATA, &reply.body);
  curl_easy_setopt(curl.get(), CURLOPT_HEADERFUNCTION, &take_header);
  curl_easy_setopt(curl.get(), CURLOPT_HEADERDATA, &reply.etag);
  if (method != "GET") {
    curl_easy_setopt(curl.get(), CURLOPT_POSTFIELDS, body.c_str());
    curl_easy_setopt(curl.get(), CURLOPT_POSTFIELDSIZE, static_cast<long>(body.size()));
  }
  if (const CURLcode code = curl_easy_perform(curl.get()); code != CURLE_OK) {
    return fail(ErrorCode::io_failed,
                fmt::format("asking the gateway at {}: {}; expected it to run, and you to be root or its user", socket,
                            curl_easy_strerror(code)));
  }
  long status = 0;
  curl_easy_getinfo(curl.get(), CURLINFO_RESPONSE_CODE, &status);
  reply.status = static_cast<int>(status);
  return reply;
}

Result<Reply> LocalClient::ask(std::string_view method, std::string_view path, const json::value& body,
                               const std::vector<std::string>& headers) const {
  const auto raw = send(method, path, body.is_null() ? std::string() : json::serialize(body), "application/json", headers);
  if (!raw) return tl::unexpected<Error>(raw.error());
  Reply reply;
  reply.status = raw->status;
  reply.etag = raw->etag;
  if (raw->body.empty()) return reply;
  boost::system::error_code not_json;
  reply.body = json::parse(raw->body, not_json);
  if (not_json) return fail(ErrorCode::bad_input, fmt::format("asking the gateway for {}: expected JSON", path));
  return reply;
}

std::string path_segment(std::string_view text) {
  std::string encoded;
  for (const char c : text) {
    const bool plain =
        (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-' || c == '_' || c == '.';
    if (plain) {
      encoded += c;
    } else {
      encoded += fmt::format("%{:02X}", static_cast<unsigned char>(c));
    }
  }
  return encoded;
}

bool went_well(const Result<Reply>& reply) noexcept { return reply && reply->status >= 200 && reply->status < 300; }

int failed(std::string_view what, const Result<Reply>& reply) {
  if (!reply) {
    fmt::print(stderr, "{}: {}\n", what, reply.error().message);
    return reply.error().code == ErrorCode::io_failed ? kCannotConnect : kFailed;
  }
  const json::object* problem = reply->body.if_object();
  const json::value* detail = problem ? problem->if_contains("detail") : nullptr;
  fmt::print(stderr, "{}: {}\n", what,
             detail && detail->is_string() ? std::string(detail->get_string().c_str())
                                           : fmt::format("status {}", reply->status));
  return exit_code_of(reply->status);
}

}  // namespace firegate::cli
