// Router: method and path pattern → access and handler. A pattern's {parameter} stands for one segment, or for its part
// before a verb ("/users/{id}:invite"), and is handed over decoded, so that an id may hold any byte
// ("?native%2Fgarage-03"). Who may use a route is said when it is added; a route that says nothing does not compile.
// The list of routes equals openapi.yaml; a test proves it.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "api/access.h"
#include "api/http.h"

namespace firegate::api {

// Runs on the web thread, returns at once; the answer may come later.
using Handler = std::function<void(const Request&, Responder)>;

struct Route {
  std::string_view method;   // HEAD is answered by GET
  std::string_view pattern;  // "/api/v1/alarms/{id}"
  Access access;
  Handler handler;
};

class Router {
 public:
  void get(std::string_view pattern, Access access, Handler handler) {
    add("GET", pattern, access, std::move(handler));
  }
  void post(std::string_view pattern, Access access, Handler handler) {
    add("POST", pattern, access, std::move(handler));
  }
  void put(std::string_view pattern, Access access, Handler handler) {
    add("PUT", pattern, access, std::move(handler));
  }
  void patch(std::string_view pattern, Access access, Handler handler) {
    add("PATCH", pattern, access, std::move(handler));
  }
  void remove(std::string_view pattern, Access access, Handler handler) {
    add("DELETE", pattern, access, std::move(handler));
  }

  struct Found {
    const Route* route = nullptr;        // null: see `allow`
    std::vector<std::string> arguments;  // decoded
    std::string allow;                   // methods of the path when the method is wrong; empty: no such path
  };
  Found find(std::string_view method, std::string_view raw_path) const;
  const std::vector<Route>& routes() const noexcept { return routes_; }

 private:
  void add(std::string_view method, std::string_view pattern, Access access, Handler handler) {
    routes_.push_back({method, pattern, access, std::move(handler)});
  }

  std::vector<Route> routes_;
};

}  // namespace firegate::api
