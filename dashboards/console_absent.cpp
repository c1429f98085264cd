// What a program built without the console serves: one page that says how to get it.
#include <array>

#include "dashboards/console_assets.h"

namespace firegate {
namespace {

constexpr std::string_view kPage =
    "<!doctype html>\n<html lang=\"zh-CN\">\n<head><meta charset=\"utf-8\"><title>firegate</title></head>\n<body>\n"
    "<h1>firegate</h1>\n"
    "<p>此程序构建时未包含报警台。安装 Node.js 18 以上，用 <code>cmake -DFIREGATE_CONSOLE=ON</code> 重新构建。"
    "接口仍可用：<a href=\"/api/v1/alarms\">/api/v1/alarms</a>。</p>\n"
    "<p lang=\"en\">This program was built without the console. Install Node.js 18 or later and build again with "
    "<code>cmake -DFIREGATE_CONSOLE=ON</code>. The API is there: <a href=\"/api/v1/alarms\">/api/v1/alarms</a>.</p>\n"
    "</body>\n</html>\n";

constexpr std::array kAssets{
    ConsoleAsset{"/index.html", "text/html; charset=utf-8", "\"console-absent-1\"", kPage, {}},
};

}  // namespace

std::span<const ConsoleAsset> console_assets() noexcept { return kAssets; }

}  // namespace firegate
