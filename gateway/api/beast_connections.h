// Connections: what the two units that know Beast share (server.cpp, live_session.cpp). Nobody else includes this.
#pragma once

#include <boost/asio/ip/tcp.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http/message.hpp>
#include <boost/beast/http/string_body.hpp>
#include <cstddef>
#include <functional>

#include "api/live_feed.h"
#include "api/service.h"

namespace firegate::api {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = boost::beast::http;
using tcp = asio::ip::tcp;

constexpr std::size_t kMaxHttpConnections = 1000;  // reliability, T28
constexpr std::size_t kMaxLiveConnections = 200;   // counted apart; our choice

// Web thread only; outlives every connection.
struct Hub {
  Service& service;
  LiveFeed& feed;
  const Clock& clock;
  std::function<void(std::function<void()>)> post;  // onto the web thread; any thread, also after the end
  std::size_t http_connections = 0;
  std::size_t live_connections = 0;

  Moment now() const noexcept { return {clock.now(), clock.steady_now()}; }
};

// Takes over the connection of an admitted upgrade request.
void start_live_session(beast::tcp_stream stream, http::request<http::string_body> request, Hub& hub);

}  // namespace firegate::api
