// Access: what a route asks of whoever calls it. Each route states its own when it is added to the router; there is no
// default. `authorise` judges it; openapi.yaml repeats it as `x-access`, and a test proves that the two are equal.
#pragma once

#include <array>
#include <concepts>
#include <cstdint>
#include <initializer_list>
#include <string>

#include "core/account.h"

namespace firegate::api {

class Access {
 public:
  enum class Kind : std::uint8_t {
    open,       // anybody
    signed_in,  // anybody who is signed in
    permitted,  // who has one of the permissions in some estate; the route asks about the object's estate (`outside`)
    scrape,     // metrics: this machine itself, or `look` in every estate
    pushed,     // a platform that proves itself to the route, by the secret of its source
  };

  constexpr Kind kind() const noexcept { return kind_; }
  constexpr bool pin() const noexcept { return pin_; }
  constexpr bool admits(Permission permission) const noexcept { return permissions_ & bit(permission); }

  // Asks for a PIN that was given just now as well.
  constexpr Access with_pin() const noexcept {
    Access access = *this;
    access.pin_ = true;
    return access;
  }

  static constexpr Access of(Kind kind) noexcept { return Access(kind); }
  static constexpr Access of(std::initializer_list<Permission> any_of) noexcept {
    Access access(Kind::permitted);
    for (const Permission permission : any_of) access.permissions_ |= bit(permission);
    return access;
  }

  // "open", "signed_in", "look", "map_devices|administer+pin"
  std::string text() const;

 private:
  explicit constexpr Access(Kind kind) noexcept : kind_(kind) {}
  static constexpr unsigned bit(Permission permission) noexcept { return 1u << static_cast<unsigned>(permission); }

  Kind kind_;
  unsigned permissions_ = 0;
  bool pin_ = false;
};

constexpr Access kOpen = Access::of(Access::Kind::open);
constexpr Access kSignedIn = Access::of(Access::Kind::signed_in);
constexpr Access kScrape = Access::of(Access::Kind::scrape);
constexpr Access kPushed = Access::of(Access::Kind::pushed);
// One of them, in some estate.
constexpr Access needs(std::same_as<Permission> auto... any_of) noexcept {
  return Access::of(std::initializer_list<Permission>{any_of...});
}

}  // namespace firegate::api

template <>
struct firegate::Labels<firegate::api::Access::Kind> {
  static constexpr std::array<std::string_view, 5> list{"open", "signed_in", "permitted", "scrape", "pushed"};
};
