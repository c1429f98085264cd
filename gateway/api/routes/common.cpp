#include "api/problem.h"
#include "api/routes/routes.h"

namespace firegate::api {

Response archive_full() { return problem(503, "overloaded", "reading the archive: too many requests wait"); }

Response json_response(std::string body) { return {200, "application/json", {}, std::move(body)}; }

void with_archive(const Context& context, const Responder& respond, std::function<Response(Archive&)> read) {
  const bool queued = context.archive([respond, read = std::move(read)](Archive* archive) {
    respond(archive ? read(*archive) : problem(503, "io_failed", "reading the archive: the store cannot be opened"));
  });
  if (!queued) respond(archive_full());
}

}  // namespace firegate::api
