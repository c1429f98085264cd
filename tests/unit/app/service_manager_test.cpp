// What the service manager hears, read from a socket of our own in its place.
#include "app/service_manager.h"

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <cstring>
#include <filesystem>
#include <string>

namespace firegate::app {
namespace {

using std::chrono::seconds;

class ServiceManagerTest : public testing::Test {
 protected:
  void SetUp() override {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    ASSERT_LT(path_.size(), sizeof(address.sun_path));
    std::memcpy(address.sun_path, path_.data(), path_.size());
    handle_ = ::socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    ASSERT_EQ(::bind(handle_, reinterpret_cast<const sockaddr*>(&address), sizeof address), 0) << std::strerror(errno);
  }
  void TearDown() override {
    ::close(handle_);
    std::filesystem::remove(path_);
  }
  // What was said since the last time; empty: nothing.
  std::string heard() const {
    std::array<char, 1024> buffer{};
    const auto size = ::recv(handle_, buffer.data(), buffer.size(), 0);
    return size > 0 ? std::string(buffer.data(), static_cast<std::size_t>(size)) : std::string();
  }

  const std::string path_ =
      (std::filesystem::temp_directory_path() / ("firegate_notify_" + std::to_string(::getpid()))).string();
  int handle_ = -1;
};

TEST_F(ServiceManagerTest, HearsThatItIsReadyAndStops) {
  ServiceManager manager(path_, std::nullopt);
  manager.ready();
  EXPECT_EQ(heard(), "READY=1\nMAINPID=" + std::to_string(::getpid()));
  manager.stopping();
  EXPECT_EQ(heard(), "STOPPING=1");
}

TEST_F(ServiceManagerTest, IsToldTheStateWhenItIsAnother) {
  ServiceManager manager(path_, std::nullopt);
  manager.status("not ready: broker: not\nconnected");
  EXPECT_EQ(heard(), "STATUS=not ready: broker: not connected");
  manager.status("not ready: broker: not\nconnected");
  EXPECT_EQ(heard(), "");
  manager.status("ready");
  EXPECT_EQ(heard(), "STATUS=ready");
}

TEST_F(ServiceManagerTest, IsFedAtLeastTwiceInTheTimeOfTheWatchdog) {
  ServiceManager manager(path_, Millis{20'000});
  int fed = 0;
  for (int i = 0; i < 20; ++i) {
    manager.alive(Steady{seconds{i}});
    fed += heard() == "WATCHDOG=1";
  }
  EXPECT_EQ(fed, 3);  // at 0, 9 and 18 s
}

TEST_F(ServiceManagerTest, HasNoWatchdogWhereNoneIsAskedFor) {
  ServiceManager manager(path_, std::nullopt);
  manager.alive(Steady{seconds{100}});
  EXPECT_EQ(heard(), "");
}

TEST_F(ServiceManagerTest, MayBeGone) {
  ServiceManager manager(path_ + ".gone", Millis{20'000});
  manager.ready();
  EXPECT_EQ(heard(), "");
}

}  // namespace
}  // namespace firegate::app
