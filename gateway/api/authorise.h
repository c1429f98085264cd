// Authorise: the one place that decides who asks and whether they may. Who: the session's cookie, a bearer token, or
// the peer of the Unix socket. Whether: the access that the route states; for what a browser sends with its cookie also
// the session's token; a PIN given just now; and for one object the permission in its estate. What is not allowed is
// refused. (That a page of another site sends nothing at all is admission.h.) Web thread only.
#pragma once

#include <optional>
#include <string_view>

#include "accounts/accounts.h"
#include "api/access.h"
#include "api/http.h"
#include "api/refusals.h"

namespace firegate::api {

constexpr std::string_view kCsrfHeader = "X-Firegate-Token";
constexpr std::string_view kBackgroundHeader = "X-Firegate-Background";  // of what a page asks by itself

accounts::Caller caller_of(const Request& request);

class Authorise {
 public:
  Authorise(accounts::Accounts& accounts, metrics::Metrics& metrics, const Clock& clock)
      : accounts_(accounts), refusals_(metrics), clock_(clock) {}

  // Fills `request.principal` when somebody is signed in. Refuses another user of this machine at the Unix socket.
  // `by_itself`: the page asks it of its own accord, which keeps no powers awake; as its header may say as well.
  std::optional<Response> identify(Request& request, bool by_itself);
  // Of an identified request.
  std::optional<Response> refuse(const Request& request, const Access& access);
  // To open a live feed: a cookie and its one-time ticket, a bearer token, or the Unix socket.
  std::optional<Response> refuse_live(const Request& request, std::string_view ticket);
  // Of one object: 403 naming the permission. `estate` may be "*": in every one. What may not be seen at all is not
  // found
  // (`sees`), which comes first.
  std::optional<Response> outside(const Request& request, Permission permission, std::string_view estate);
  static bool sees(const Request& request, std::string_view estate) {
    return request.principal && request.principal->may(Permission::look, estate);
  }

  Response too_many(const Request& request, std::string_view code, std::chrono::seconds retry_after);
  void count(Refusal why, const Request& request) { refusals_.count(why, request, clock_.steady_now()); }

 private:
  bool sleeps(const Principal& who, Permission permission, std::string_view estate) const;
  std::optional<Response> refuse_permissions(const Request& request, const Access& access);
  Response refused(Refusal why, const Request& request, std::string_view detail);
  Response lacks(const Request& request, std::string_view permission, bool asleep);

  accounts::Accounts& accounts_;
  Refusals refusals_;
  const Clock& clock_;
};

}  // namespace firegate::api
