// LocalClient: a command's way to the running program: HTTP over its Unix socket. The program knows who asks by the
// socket's peer credentials (root, or its own user), and journals what is done as that.
#pragma once

#include <boost/json/value.hpp>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "core/result.h"

namespace firegate::cli {

struct Reply {
  int status = 0;
  boost::json::value body;  // null: none
  std::string etag;
};

struct RawReply {
  int status = 0;
  std::string body, etag;
};

class LocalClient {
 public:
  explicit LocalClient(std::filesystem::path socket) : socket_(std::move(socket)) {}

  // io_failed: nobody answers at the socket; bad_input: what came is not JSON. A refusal is a Reply.
  Result<Reply> ask(std::string_view method, std::string_view path, const boost::json::value& body = nullptr,
                    const std::vector<std::string>& headers = {}) const;

  // The same with a body of `type`, and whatever comes as it is.
  Result<RawReply> send(std::string_view method, std::string_view path, const std::string& body, std::string_view type,
                        const std::vector<std::string>& headers = {}) const;

 private:
  std::filesystem::path socket_;
};

// `text` as one segment of a path.
std::string path_segment(std::string_view text);

// Prints why on standard error, after `what`, and answers the command's exit code.
int failed(std::string_view what, const Result<Reply>& reply);
bool went_well(const Result<Reply>& reply) noexcept;

}  // namespace firegate::cli
