// AccountSteps: how routes change accounts: what takes long on the thread for passwords, what is decided in its turn,
// and the answer once it is stored.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <utility>

#include "api/problem.h"
#include "api/routes/routes.h"

namespace firegate::api {

Response no_content();
Result<accounts::Made> without_secret(Result<AccountChange> change);
Result<accounts::Made> as_made(Result<accounts::Opened> opened);

// Decides in its turn, on what then holds; answers once it is stored, or with the problem.
void change_accounts(const Context& context, const Responder& respond, AccountChanges::Decide decide,
                     std::function<void(const accounts::Made&)> then);

// `work` on the thread for passwords, `then` with what it gave on the web thread. "overloaded" when too much waits.
template <typename T>
void hash_aside(const Context& context, const Responder& respond, std::function<T()> work,
                std::function<void(T)> then) {
  const bool queued = context.door.password_job([post = context.post, work = std::move(work), then = std::move(then)] {
    post([then, result = work()] { then(result); });
  });
  if (!queued) respond(problem(503, "overloaded", "comparing a password: too many are being compared"));
}

// The answer to whoever has just come in: the session, and its cookie.
Response signed_in(const Context& context, Request request, std::string_view secret);
// As GET /session shows it; `secret` of the session: empty without one.
std::string session_json(const Context& context, const Request& request, std::string_view secret);

// What stands behind the failure of a password or an invite: 401 with one text, 429 with its time, or as every error.
Response entry_refused(const Context& context, const Request& request, const Error& error,
                       std::chrono::seconds retry_after);

}  // namespace firegate::api
