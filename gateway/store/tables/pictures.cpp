#include "store/tables/pictures.h"

namespace firegate::store::pictures {
namespace {

Picture read_picture(Query& query) {
  Picture picture;
  picture.hash = query.text();
  picture.type = enum_from_stored<PictureType>(query.text());
  picture.width = static_cast<std::uint32_t>(query.integer());
  picture.height = static_cast<std::uint32_t>(query.integer());
  picture.bytes = query.number();
  return picture;
}

Result<void> load_plans(Database& database, PictureRows& rows) {
  Query query = database.query("SELECT estate, building, floor, hash, type, width, height, bytes, at, by FROM plans");
  for (;;) {
    const auto more = query.next();
    if (!more) return tl::unexpected(more.error());
    if (!*more) return {};
    FloorPlan plan;
    plan.estate = query.text();
    plan.building = query.text();
    plan.floor = query.text();
    plan.picture = read_picture(query);
    plan.at = query.instant();
    plan.by = query.text();
    rows.plans.push_back(std::move(plan));
  }
}

Result<void> load_photos(Database& database, PictureRows& rows) {
  Query query = database.query(
      "SELECT device, no, test, hash, type, width, height, bytes, at, by, dropped FROM photos ORDER BY device, no");
  for (;;) {
    const auto more = query.next();
    if (!more) return tl::unexpected(more.error());
    if (!*more) return {};
    Photo photo;
    photo.device = query.text();
    photo.no = static_cast<std::uint32_t>(query.integer());
    photo.test = static_cast<std::uint32_t>(query.integer());
    photo.picture = read_picture(query);
    photo.at = query.instant();
    photo.by = query.text();
    (query.integer() != 0 ? rows.dropped : rows.photos).push_back(std::move(photo));
  }
}

}  // namespace

Result<void> put_plan(Database& database, const FloorPlan& plan) {
  const Picture& picture = plan.picture;
  return database
      .query(
          "INSERT OR REPLACE INTO plans (estate, building, floor, hash, type, width, height, bytes, at, by) VALUES (?, "
          "?, ?, ?, ?, ?, ?, ?, ?, ?)")
      .bind(plan.estate, plan.building, plan.floor, picture.hash, label(picture.type), picture.width, picture.height,
            picture.bytes, plan.at, plan.by)
      .run();
}

Result<void> drop_plan(Database& database, std::string_view estate, std::string_view building, std::string_view floor) {
  return database.query("DELETE FROM plans WHERE (estate, building, floor) = (?, ?, ?)")
      .bind(estate, building, floor)
      .run();
}

Result<void> add_photo(Database& database, const Photo& photo) {
  const Picture& picture = photo.picture;
  return database
      .query(
          "INSERT INTO photos (device, no, test, hash, type, width, height, bytes, at, by, dropped) VALUES (?, ?, ?, "
          "?, ?, ?, ?, ?, ?, ?, 0)")
      .bind(photo.device, photo.no, photo.test, picture.hash, label(picture.type), picture.width, picture.height,
            picture.bytes, photo.at, photo.by)
      .run();
}

Result<void> drop_photo(Database& database, std::string_view device, std::uint32_t no) {
  return database.query("UPDATE photos SET dropped = 1 WHERE device = ? AND no = ?").bind(device, no).run();
}

Result<PictureRows> load(Database& database) {
  PictureRows rows;
  if (auto loaded = load_plans(database, rows); !loaded) return tl::unexpected(loaded.error());
  if (auto loaded = load_photos(database, rows); !loaded) return tl::unexpected(loaded.error());
  return rows;
}

}  // namespace firegate::store::pictures
