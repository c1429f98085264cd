#include "api/access.h"

namespace firegate::api {

std::string Access::text() const {
  std::string text;
  if (kind_ == Kind::permitted) {
    for (std::size_t i = 0; i < label_count<Permission>(); ++i) {
      const auto permission = static_cast<Permission>(i);
      if (admits(permission)) text += (text.empty() ? "" : "|") + std::string(label(permission));
    }
  } else {
    text = label(kind_);
  }
  return pin_ ? text + "+pin" : text;
}

}  // namespace firegate::api
