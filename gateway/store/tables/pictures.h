// Floor plans and photos: what is known of each (core/picture.h). The pictures themselves are files.
#pragma once

#include <string_view>
#include <vector>

#include "core/picture.h"
#include "store/database.h"

namespace firegate::store {

struct PictureRows {
  std::vector<FloorPlan> plans;
  std::vector<Photo> photos;   // by device, then number
  std::vector<Photo> dropped;  // taken away: their numbers are not given again
};

namespace pictures {

Result<void> put_plan(Database& database, const FloorPlan& plan);
Result<void> drop_plan(Database& database, std::string_view estate, std::string_view building, std::string_view floor);
Result<void> add_photo(Database& database, const Photo& photo);  // bad_input: the number is taken
Result<void> drop_photo(Database& database, std::string_view device, std::uint32_t no);
Result<PictureRows> load(Database& database);

}  // namespace pictures
}  // namespace firegate::store
