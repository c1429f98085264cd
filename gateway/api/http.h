// Http: a request and its answer as plain values, so that routes are written and tested without sockets.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/account.h"

namespace firegate::api {

struct Header {
  std::string name;  // any case
  std::string value;
};
using Headers = std::vector<Header>;

// The first header of that name (case does not matter); empty when there is none.
std::string_view find_header(const Headers& headers, std::string_view name) noexcept;

struct Parameter {
  std::string name, value;
};

struct Request {
  std::string method;  // as sent: GET, HEAD, POST, ...
  std::string target;  // as sent: path and query, still encoded
  Headers headers;
  std::string body;
  std::string id;  // X-Request-Id of the answer

  // From where it comes (admission.h): an IP address, or "local" for the Unix socket.
  std::string address;
  bool secure = false;                // by TLS, to us or to a proxy that we trust
  std::optional<unsigned> local_uid;  // Unix socket only: the user at the other end

  std::string path;                    // raw path of `target`, filled by the service
  std::vector<Parameter> query;        // decoded
  std::vector<std::string> arguments;  // decoded {parameters} of the route, in order
  std::optional<Principal> principal;  // who asks, filled by authorise; always there but on open routes

  std::string_view header(std::string_view name) const noexcept { return find_header(headers, name); }
};

struct Response {
  int status = 200;
  std::string content_type = "application/json";
  Headers headers;
  std::string body;
};

// Takes the answer, once, on any thread.
using Responder = std::function<void(Response)>;

struct Target {
  std::string path;  // raw
  std::vector<Parameter> query;
};
// None when it does not begin with '/', or a '%' is not followed by two hexadecimal digits.
std::optional<Target> parse_target(std::string_view target);

// None for a bad escape or an encoded control character. `plus_is_space`: in queries only.
std::optional<std::string> percent_decoded(std::string_view text, bool plus_is_space);

// Whether an Accept-Encoding header admits gzip.
bool accepts_gzip(std::string_view accept_encoding) noexcept;

bool equal_ignoring_case(std::string_view a, std::string_view b) noexcept;

// The standard's phrase for a status (RFC 9110).
std::string_view phrase(int status) noexcept;

}  // namespace firegate::api
