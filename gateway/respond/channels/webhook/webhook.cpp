#include "respond/channels/webhook/webhook.h"

#include <arpa/inet.h>
#include <curl/curl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <fstream>
#include <iterator>

#include "respond/channels/webhook/cloud_event.h"
#include "respond/channels/webhook/signature.h"

namespace firegate::respond {
namespace {

constexpr std::size_t kShortestSecret = 16;
constexpr std::chrono::seconds kNoWait{0};
constexpr std::chrono::seconds kLongestRetryAfter{3'600};  // a receiver may not put us off for longer (our choice)

struct FreeUrl {
  void operator()(CURLU* url) const noexcept { curl_url_cleanup(url); }
};
struct FreeList {
  void operator()(curl_slist* list) const noexcept { curl_slist_free_all(list); }
};
using Headers = std::unique_ptr<curl_slist, FreeList>;

std::string part_of(CURLU* url, CURLUPart part) {
  char* text = nullptr;
  if (curl_url_get(url, part, &text, 0) != CURLUE_OK) return {};
  std::string out(text);
  curl_free(text);
  return out;
}

bool is_loopback_host(const std::string& host) {
  if (host == "localhost") return true;
  sockaddr_in v4{};
  v4.sin_family = AF_INET;
  if (inet_pton(AF_INET, host.c_str(), &v4.sin_addr) == 1) {
    return scope_of(reinterpret_cast<const sockaddr&>(v4)) == AddressScope::loopback;
  }
  return host == "[::1]";
}

struct ParsedUrl {
  std::string scheme, host;
  bool has_user = false;
};
std::optional<ParsedUrl> parse_url(const std::string& text) {
  const std::unique_ptr<CURLU, FreeUrl> url(curl_url());
  if (!url || curl_url_set(url.get(), CURLUPART_URL, text.c_str(), CURLU_NON_SUPPORT_SCHEME) != CURLUE_OK) {
    return std::nullopt;
  }
  return ParsedUrl{part_of(url.get(), CURLUPART_SCHEME), part_of(url.get(), CURLUPART_HOST),
                   !part_of(url.get(), CURLUPART_USER).empty()};
}

bool to_loopback(const std::string& url) {
  const auto parsed = parse_url(url);
  return parsed && is_loopback_host(parsed->host);
}

AddressPolicy policy_of(const WebhookSettings& settings) {
  return {.loopback_only = to_loopback(settings.url), .allow_private = settings.allow_private};
}

std::string_view trimmed(std::string_view text) {
  constexpr std::string_view kSpace = " \t\r\n";
  text.remove_prefix(std::min(text.find_first_not_of(kSpace), text.size()));
  return text.substr(0, text.find_last_not_of(kSpace) + 1);
}

Result<std::string> read_secret(const std::string& file) {
  std::ifstream in(file, std::ios::binary);
  const std::string content((std::istreambuf_iterator<char>(in)), std::istreambuf_iterator<char>());
  if (!in.is_open())
    return fail(ErrorCode::not_found, fmt::format("reading the secret {}: cannot open the file", file));
  const std::string_view secret = trimmed(content);
  if (secret.size() < kShortestSecret) {
    return fail(ErrorCode::bad_input, fmt::format("reading the secret {}: found {} bytes, expected at least {}", file,
                                                  secret.size(), kShortestSecret));
  }
  return Result<std::string>(tl::in_place, secret);
}

// What the callbacks of one request know.
struct Request {
  const AddressPolicy& policy;
  bool denied = false;  // an address was refused
  std::size_t reply_bytes = 0;
};

curl_socket_t open_socket(void* user, curlsocktype, curl_sockaddr* address) noexcept {
  Request& request = *static_cast<Request*>(user);
  if (!request.policy.allows(address->addr)) {
    request.denied = true;
    return CURL_SOCKET_BAD;
  }
  return socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
}

// The reply is counted and passed over; more than the limit ends the transfer.
std::size_t pass_over(char*, std::size_t size, std::size_t count, void* user) noexcept {
  Request& request = *static_cast<Request*>(user);
  request.reply_bytes += size * count;
  return request.reply_bytes > kReplyLimit ? 0 : size * count;
}

Headers headers_of(const std::string& key, const std::string& signed_with) {
  curl_slist* list = nullptr;
  for (const std::string& line :
       {std::string("Content-Type: application/cloudevents+json; charset=utf-8"), "Idempotency-Key: " + key,
        "X-Firegate-Signature: " + signed_with, std::string("Expect:")}) {
    list = curl_slist_append(list, line.c_str());
  }
  return Headers(list);
}

DeliveryOutcome judge(CURL* curl, CURLcode result, const Request& request) {
  long status = 0;
  curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status);
  const bool reply_cut = result == CURLE_WRITE_ERROR && request.reply_bytes > kReplyLimit;
  if (result != CURLE_OK && !reply_cut) {
    return RetryAfter{{},
                      request.denied ? "the host's address is not allowed (allow_private is off)"
                                     : std::string(curl_easy_strerror(result))};
  }
  if (status >= 200 && status < 300) return Sent{};
  const std::string why = fmt::format("found HTTP status {}, expected 2xx", status);
  if (status == 408 || status == 429 || status >= 500) {
    curl_off_t seconds = 0;
    curl_easy_getinfo(curl, CURLINFO_RETRY_AFTER, &seconds);
    return RetryAfter{std::clamp(std::chrono::seconds{seconds}, kNoWait, kLongestRetryAfter), why};
  }
  return Rejected{why};
}

}  // namespace

struct Webhook::Handle {
  CURL* curl = nullptr;
  ~Handle() { curl_easy_cleanup(curl); }
};

WebhookSettings WebhookSettings::parse(MapReader& reader) {
  WebhookSettings settings;
  settings.name = reader.text("name");
  settings.url = reader.text("url");
  settings.secret_file = reader.text("secret_file");
  settings.allow_private = reader.boolean("allow_private", false);
  if (!settings.name.empty() && !is_id(settings.name)) {
    reader.wrong("name", ProblemCode::E111_bad_id,
                 fmt::format("found \"{}\", expected letters, digits, _ and -", settings.name));
  }
  if (const auto fine = check_url(settings.url); !settings.url.empty() && !fine) {
    reader.wrong("url", ProblemCode::E117_not_allowed, fine.error().message);
  }
  return settings;
}

Result<void> check_url(const std::string& url) {
  const auto parsed = parse_url(url);
  if (!parsed || parsed->host.empty())
    return fail(ErrorCode::bad_input, "found no URL with a host, expected https://host/path");
  if (parsed->has_user)
    return fail(ErrorCode::bad_input, "found a user name in the URL, expected none: the body is signed");
  if (parsed->scheme == "https" || (parsed->scheme == "http" && is_loopback_host(parsed->host))) return {};
  return fail(ErrorCode::bad_input,
              fmt::format("found {}, expected https (http only to this machine)", parsed->scheme));
}

Result<std::unique_ptr<Notifier>> Webhook::open(const WebhookSettings& settings, const Clock& clock,
                                                std::optional<AddressPolicy> policy) {
  static const CURLcode ready = curl_global_init(CURL_GLOBAL_DEFAULT);
  if (auto fine = check_url(settings.url); !fine) return tl::unexpected(fine.error());
  auto secret = read_secret(settings.secret_file);
  if (!secret) return tl::unexpected(secret.error());
  auto handle = std::make_unique<Handle>();
  handle->curl = ready == CURLE_OK ? curl_easy_init() : nullptr;
  if (!handle->curl) return fail(ErrorCode::io_failed, "opening a webhook: libcurl does not start");
  return std::unique_ptr<Notifier>(
      new Webhook(settings, clock, policy.value_or(policy_of(settings)), std::move(*secret), std::move(handle)));
}

Webhook::Webhook(WebhookSettings settings, const Clock& clock, AddressPolicy policy, std::string secret,
                 std::unique_ptr<Handle> handle)
    : settings_(std::move(settings)),
      clock_(clock),
      policy_(policy),
      secret_(std::move(secret)),
      handle_(std::move(handle)) {
  CURL* curl = handle_->curl;
  curl_easy_setopt(curl, CURLOPT_URL, settings_.url.c_str());
  curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, to_loopback(settings_.url) ? "http,https" : "https");
  curl_easy_setopt(curl, CURLOPT_FOLLOWLOCATION, 0L);
  curl_easy_setopt(curl, CURLOPT_PROXY, "");
  curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS, static_cast<long>(settings_.timeout.count()));
  curl_easy_setopt(curl, CURLOPT_USERAGENT, "firegate");
  curl_easy_setopt(curl, CURLOPT_OPENSOCKETFUNCTION, &open_socket);
  curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, &pass_over);
}

Webhook::~Webhook() = default;

DeliveryOutcome Webhook::deliver(const Notice& notice) noexcept {
  const std::string body = to_cloud_event(notice);
  const auto now = std::chrono::floor<std::chrono::seconds>(clock_.now()).time_since_epoch().count();
  const Headers headers = headers_of(notice.key(), signature(secret_, now, body));
  Request request{policy_};

  CURL* curl = handle_->curl;
  curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers.get());
  curl_easy_setopt(curl, CURLOPT_POSTFIELDS, body.data());
  curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(body.size()));
  curl_easy_setopt(curl, CURLOPT_OPENSOCKETDATA, &request);
  curl_easy_setopt(curl, CURLOPT_WRITEDATA, &request);
  const CURLcode result = curl_easy_perform(curl);
  return judge(curl, result, request);
}

}  // namespace firegate::respond
