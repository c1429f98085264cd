#include "api/gzip.h"

#include <gtest/gtest.h>
#include <zlib.h>

#include <random>

namespace firegate::api {
namespace {

std::string unpacked(std::string_view packed, std::size_t size) {
  std::string bytes(size, '\0');
  z_stream stream{};
  EXPECT_EQ(inflateInit2(&stream, 15 + 16), Z_OK);
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(packed.data()));
  stream.avail_in = static_cast<uInt>(packed.size());
  stream.next_out = reinterpret_cast<Bytef*>(bytes.data());
  stream.avail_out = static_cast<uInt>(bytes.size());
  EXPECT_EQ(inflate(&stream, Z_FINISH), Z_STREAM_END);
  EXPECT_EQ(stream.avail_in, 0u);
  bytes.resize(stream.total_out);
  inflateEnd(&stream);
  return bytes;
}

TEST(Gzip, GivesBackWhatWasPacked) {
  std::mt19937 random(1);
  for (const std::size_t size : {0u, 1u, 100u, 70'000u, 1'000'000u}) {
    std::string noise(size, '\0'), text(size, 'a');
    for (char& c : noise) c = static_cast<char>(random());
    for (const std::string& bytes : {noise, text}) {
      const auto packed = gzip(bytes);
      ASSERT_TRUE(packed);
      EXPECT_TRUE(unpacked(*packed, size + 1) == bytes) << size;
    }
  }
}

}  // namespace
}  // namespace firegate::api
