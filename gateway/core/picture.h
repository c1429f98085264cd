// Pictures in words: floor plans, and photos as evidence of a device or a walk test. Plain values. A picture is kept as
// the gateway drew it anew, never as it was sent, and is named by its content.
#pragma once

#include <cstdint>
#include <string>

#include "core/clock.h"
#include "core/labels.h"

namespace firegate {

constexpr std::size_t kMaxPictureBytes = 8u << 20;       // as sent; reliability, T20
constexpr std::uint64_t kMaxPicturePixels = 40'000'000;  // the same, as its header says
constexpr std::uint32_t kMaxPictureSide = 4096;          // as kept; our choice: a wall screen has 3840

enum class PictureType : std::uint8_t { png, jpeg, svg };  // svg: as sent only
template <>
struct Labels<PictureType> {
  static constexpr std::array<std::string_view, 3> list{"image/png", "image/jpeg", "image/svg+xml"};
};

enum class PictureUse : std::uint8_t { plan, photo };
template <>
struct Labels<PictureUse> {
  static constexpr std::array<std::string_view, 2> list{"plan", "photo"};
};

// Why a picture was not taken.
enum class PictureRefusal : std::uint8_t {
  unknown_type,     // not what its type says, or a type that is not taken for this use
  too_large,        // bytes
  too_many_pixels,  // by its header, before anything of it is decoded
  damaged,          // cut short, or no picture inside
  unsafe_svg,       // scripts, entities, or what lies elsewhere
  too_costly,       // took more time or memory than a picture may
  unavailable,      // our own failure: the worker or the disk
};
template <>
struct Labels<PictureRefusal> {
  static constexpr std::array<std::string_view, 7> list{"unknown_type", "too_large",  "too_many_pixels", "damaged",
                                                        "unsafe_svg",   "too_costly", "unavailable"};
};

struct PictureProblem {
  PictureRefusal why{};
  std::string message;  // as Error's: lower case, no full stop
};

struct Picture {
  std::string hash;  // SHA-256 of its bytes, lower-case hexadecimal
  PictureType type{};
  std::uint32_t width = 0, height = 0;  // pixels
  std::uint64_t bytes = 0;
};

struct FloorPlan {
  std::string estate, building, floor;  // ids
  Picture picture;
  Instant at{};    // when it was put there
  std::string by;  // by whom, as people call them
};

struct Photo {
  std::string device;
  std::uint32_t no = 0;    // of this device, from 1; never used again
  std::uint32_t test = 0;  // the walk test of which it is evidence; 0: of the device
  Picture picture;
  Instant at{};
  std::string by;
};

}  // namespace firegate
