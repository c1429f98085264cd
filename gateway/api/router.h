// Router: method and path pattern → handler. A pattern's {parameter} stands for one segment and is handed over decoded,
// so that an id may hold any byte ("?native%2Fgarage-03"). The list of routes equals openapi.yaml; a test proves it.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "api/http.h"

namespace firegate::api {

// Runs on the web thread, returns at once; the answer may come later.
using Handler = std::function<void(const Request&, Responder)>;

struct Route {
  std::string_view method;   // GET or POST; HEAD is answered by GET
  std::string_view pattern;  // "/api/v1/alarms/{id}"
  Handler handler;
};

class Router {
 public:
  void get(std::string_view pattern, Handler handler) { routes_.push_back({"GET", pattern, std::move(handler)}); }
  void post(std::string_view pattern, Handler handler) { routes_.push_back({"POST", pattern, std::move(handler)}); }

  struct Found {
    const Handler* handler = nullptr;    // null: see `allow`
    std::vector<std::string> arguments;  // decoded
    std::string allow;                   // methods of the path when the method is wrong; empty: no such path
  };
  Found find(std::string_view method, std::string_view raw_path) const;
  const std::vector<Route>& routes() const noexcept { return routes_; }

 private:
  std::vector<Route> routes_;
};

}  // namespace firegate::api
