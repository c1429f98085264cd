// Connections: what the two units that know Beast share (server.cpp, live_session.cpp). Nobody else includes this.
#pragma once

#include <boost/asio/post.hpp>
#include <boost/beast/core/bind_handler.hpp>
#include <boost/beast/core/error.hpp>
#include <boost/beast/core/role.hpp>
#include <boost/beast/http/message.hpp>
#include <boost/beast/http/string_body.hpp>
#include <cstddef>
#include <functional>

#include "api/live_feed.h"
#include "api/service.h"
#include "api/wire.h"

namespace firegate::api {

namespace beast = boost::beast;
namespace http = boost::beast::http;

// Web thread only; outlives every connection.
struct Hub {
  Service& service;
  LiveFeed& feed;
  const Clock& clock;
  metrics::Metrics& metrics;
  Occupancy& live;
  const std::vector<std::string>& trusted_proxies;
  Millis read_within;
  std::function<void(std::function<void()>)> post;  // onto the web thread; any thread, also after the end
  std::size_t live_connections = 0;

  Moment now() const noexcept { return {clock.now(), clock.steady_now()}; }
};

// Takes over the connection of an admitted upgrade request.
void start_live_session(Wire wire, http::request<http::string_body> request, Watcher watcher, Hub& hub);

// What Beast's WebSocket asks of a stream beside reading and writing; it finds these by the type of their argument.
inline void beast_close_socket(Wire& wire) { wire.close(); }
template <typename Handler>
void async_teardown(beast::role_type, Wire& wire, Handler&& handler) {
  wire.close_gently();
  asio::post(wire.get_executor(), beast::bind_handler(std::forward<Handler>(handler), beast::error_code{}));
}

}  // namespace firegate::api
