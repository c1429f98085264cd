// The link against units that are sockets of the test: what is confirmed, refused, taken once, sent again and cut off.
#include "gb_link/gb_link.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <poll.h>

#include <algorithm>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/write.hpp>
#include <future>
#include <thread>

#include "drivers/gb26875/data_unit.h"
#include "drivers/gb26875/frame.h"
#include "gb_link/connection.h"
#include "gb_link/orders.h"
#include "unit/ingest/fixtures.h"

namespace firegate::gb_link {
namespace {

using boost::asio::ip::tcp;
using gb26875::CommandByte;
using gb26875::Frame;
using gb26875::Object;
using gb26875::Type;
using ingest::eventually;
using metrics::GbCut;
using metrics::GbOrder;
using metrics::GbRefusal;
using testing::ElementsAre;
using namespace std::chrono_literals;

constexpr std::uint64_t kUnit = 0x379, kCentre = 0x15b38;
constexpr std::string_view kTopic = "gb26875/000000000379";

class FastClock final : public Clock {
 public:
  Instant now() const noexcept override { return Instant{Millis{1'700'000'000'000 + ahead_}}; }
  Steady steady_now() const noexcept override { return std::chrono::steady_clock::now() + Millis{ahead_}; }
  Millis drift() const noexcept override { return Millis{0}; }
  void re_anchor() noexcept override {}
  void advance(Millis by) noexcept { ahead_ += by.count(); }

 private:
  std::atomic<Millis::rep> ahead_{0};
};

std::string frame(std::string_view data, std::uint16_t serial, CommandByte command = CommandByte::send,
                  std::uint64_t source = kUnit) {
  Frame made;
  made.serial = serial;
  made.source = source;
  made.destination = kCentre;
  made.command = static_cast<std::uint8_t>(command);
  made.unit = data;
  return gb26875::write_frame(made).value();
}

std::string data_of(Type type, const Object& object) {
  return gb26875::write_unit(type, std::span(&object, 1)).value();
}

std::string state(std::uint16_t status) {
  Object object;
  object.status = status;
  return data_of(Type::unit_state, object);
}

// A unit's end of a connection.
class Peer {
 public:
  explicit Peer(std::uint16_t port) : socket_(io_) {
    socket_.connect(tcp::endpoint(boost::asio::ip::address_v4::loopback(), port));
  }
  void send(std::string_view bytes) { boost::asio::write(socket_, boost::asio::buffer(bytes)); }
  // The next frame; none when the connection ends or nothing comes for `most`.
  struct Got {
    Frame frame;
    std::string data;
  };
  std::optional<Got> next(Millis most = 10s) {
    const auto end = std::chrono::steady_clock::now() + most;
    while (true) {
      if (const auto found = splitter_.next()) {
        EXPECT_FALSE(found->error);
        Got got{found->frame, std::string(found->frame.unit)};
        got.frame.unit = {};
        return got;
      }
      const auto left = std::chrono::ceil<Millis>(end - std::chrono::steady_clock::now());
      if (left <= 0ms || !read(left)) return std::nullopt;
    }
  }
  bool ended(Millis most = 10s) {
    while (read(most)) {
    }
    return ended_;
  }
  void close() { socket_.close(); }

 private:
  bool read(Millis most) {
    pollfd waiting{socket_.native_handle(), POLLIN, 0};
    if (::poll(&waiting, 1, static_cast<int>(most.count())) <= 0) return false;
    std::array<char, 4096> bytes{};
    boost::system::error_code error;
    const std::size_t count = socket_.read_some(boost::asio::buffer(bytes), error);
    ended_ = error.failed();
    splitter_.add(std::string_view(bytes.data(), count));
    return !ended_;
  }

  boost::asio::io_context io_;
  tcp::socket socket_;
  gb26875::FrameSplitter splitter_;
  bool ended_ = false;
};

class GbLinkTest : public testing::Test {
 protected:
  GbLinkTest() {
    settings_.port = 0;  // any that is free
    settings_.sync_clock_every = 0ms;
    ingest::InboxSettings inbox;
    inbox.folder = folder_.path();
    inbox.segment_bytes = 16 * 1024 * 1024;
    inbox_ = std::move(ingest::Inbox::open(inbox, 0, clock_, metrics_, faults_).value());
    thread_ = std::thread([this] { io_.run(); });
  }
  ~GbLinkTest() override {
    if (link_) link_->stop();
    work_.reset();
    io_.stop();
    thread_.join();
  }

  GbLink& link() {
    if (!link_) {
      make();
      EXPECT_TRUE(link_->start());
    }
    return *link_;
  }
  void make() {
    link_ = std::make_unique<GbLink>(GbLink::Needs{io_, *inbox_, clock_, metrics_, faults_}, settings_, "gb26875");
  }
  std::unique_ptr<Peer> unit() { return std::make_unique<Peer>(link().port()); }

  // "topic: payload" of everything in the inbox; frames as their serial number.
  std::vector<std::string> inbox() {
    std::vector<std::string> all;
    ingest::InboxReader reader(*inbox_, 1);
    ingest::InboxBatch batch;
    while (reader.next(batch, 0ms) && !batch.empty()) {
      for (const RawMessage& message : batch.messages()) {
        const auto found = gb26875::inspect(message.payload);
        all.push_back(std::string(message.topic) + ": " +
                      (found.error ? std::string(message.payload) : std::to_string(found.frame.serial)));
      }
    }
    return all;
  }
  static std::string line(std::string_view what) { return std::string(kTopic) + ": " + std::string(what); }

  void expect_confirmed(Peer& peer, std::uint16_t serial, CommandByte command = CommandByte::confirm) {
    const auto got = peer.next();
    ASSERT_TRUE(got) << "no answer to " << serial;
    EXPECT_TRUE(got->frame.is(command));
    EXPECT_EQ(got->frame.serial, serial);
    EXPECT_EQ(got->frame.source, kCentre);
  }

  ingest::TestFolder folder_;
  FastClock clock_;
  metrics::Metrics metrics_;
  ingest::FaultList faults_;
  std::unique_ptr<ingest::Inbox> inbox_;
  Settings settings_;
  boost::asio::io_context io_{1};
  boost::asio::executor_work_guard<boost::asio::io_context::executor_type> work_{io_.get_executor()};
  std::thread thread_;
  std::unique_ptr<GbLink> link_;
};

TEST_F(GbLinkTest, ConfirmsWhatIsOnDisk) {
  const auto peer = unit();
  peer->send(frame(state(1), 9));
  expect_confirmed(*peer, 9);
  EXPECT_EQ(inbox_->synced_up_to(), 1u);
  EXPECT_THAT(inbox(), ElementsAre(line("9")));
  EXPECT_EQ(metrics_.gb.frames.value(), 1u);
}

TEST_F(GbLinkTest, TakesFramesHoweverTheStreamIsCut) {
  const auto peer = unit();
  std::string stream;
  for (std::uint16_t serial = 0; serial < 50; ++serial) {
    stream += frame(state(serial), serial) + (serial % 3 == 0 ? "noise @@ between" : "");
  }
  for (std::size_t at = 0, step = 1; at < stream.size(); at += step, step = step % 97 + 7) {
    peer->send(std::string_view(stream).substr(at, step));
  }
  for (std::uint16_t serial = 0; serial < 50; ++serial) expect_confirmed(*peer, serial);
  EXPECT_EQ(inbox().size(), 50u);
  EXPECT_GT(metrics_.gb.garbage_bytes.value(), 0u);
}

TEST_F(GbLinkTest, RefusesWhatTheStandardRefuses) {
  const auto peer = unit();
  std::string bad = frame(state(1), 3);
  bad[28] = static_cast<char>(bad[28] ^ 1);
  peer->send(bad);
  expect_confirmed(*peer, 3, CommandByte::refuse);
  peer->send(frame("", 4, static_cast<CommandByte>(77)));
  expect_confirmed(*peer, 4, CommandByte::refuse);
  peer->send(frame(state(1), 5));
  expect_confirmed(*peer, 5);
  EXPECT_THAT(inbox(), ElementsAre(line("5")));
  EXPECT_EQ(metrics_.gb.refused[GbRefusal::bad_checksum].value(), 1u);
  EXPECT_EQ(metrics_.gb.refused[GbRefusal::bad_command].value(), 1u);
}

TEST_F(GbLinkTest, ConfirmsARepeatAgainAndTakesItOnce) {
  auto peer = unit();
  peer->send(frame(state(2), 9));
  expect_confirmed(*peer, 9);
  peer->send(frame(state(2), 9));
  expect_confirmed(*peer, 9);
  peer->close();
  peer = unit();
  peer->send(frame(state(2), 9) + frame(state(3), 9));
  expect_confirmed(*peer, 9);
  expect_confirmed(*peer, 9);
  EXPECT_EQ(metrics_.gb.resends.value(), 2u);
  EXPECT_THAT(inbox(), testing::UnorderedElementsAre(line("9"), line("offline"), line("9")));
}

TEST_F(GbLinkTest, KnowsARepeatOfTheRunBefore) {
  make();
  const std::string sent = frame(state(2), 9);
  const auto seq = inbox_->append(kTopic, sent, false, false, clock_.now());
  link_->remember({kTopic, sent, clock_.now(), false, false, *seq});
  ASSERT_TRUE(link_->start());
  const auto peer = unit();
  peer->send(sent + frame(state(3), 10));
  expect_confirmed(*peer, 9);
  expect_confirmed(*peer, 10);
  EXPECT_THAT(inbox(), ElementsAre(line("9"), line("10")));
}

TEST_F(GbLinkTest, TakesEveryKeepAlive) {
  const auto peer = unit();
  for (int i = 0; i < 3; ++i) {
    peer->send(frame("", 0));
    expect_confirmed(*peer, 0);
  }
  peer->send(frame("\x16", 0));
  EXPECT_EQ(peer->next()->data, "\x17");
  EXPECT_EQ(inbox().size(), 4u);
}

TEST_F(GbLinkTest, ASecondConnectionOfAUnitReplacesTheFirst) {
  const auto first = unit();
  first->send(frame(state(1), 1));
  expect_confirmed(*first, 1);
  const auto second = unit();
  second->send(frame(state(1), 2));
  expect_confirmed(*second, 2);
  EXPECT_TRUE(first->ended());
  EXPECT_EQ(metrics_.gb.cut[GbCut::replaced].value(), 1u);
  EXPECT_THAT(inbox(), ElementsAre(line("1"), line("2"))) << "the unit has not gone";
}

TEST_F(GbLinkTest, CountsAConnectionThatSpeaksForAnotherUnit) {
  const auto peer = unit();
  peer->send(frame(state(1), 1) + frame(state(1), 2, CommandByte::send, 0x380));
  expect_confirmed(*peer, 1);
  expect_confirmed(*peer, 2);
  EXPECT_EQ(metrics_.gb.address_changes.value(), 1u);
  EXPECT_THAT(inbox(), ElementsAre(line("1"), "gb26875/000000000380: 2"));
}

TEST_F(GbLinkTest, AnEndedConnectionSaysThatTheUnitIsOffline) {
  const auto peer = unit();
  peer->send(frame(state(1), 1));
  expect_confirmed(*peer, 1);
  peer->close();
  EXPECT_TRUE(eventually([this] { return inbox().size() == 2; }));
  EXPECT_THAT(inbox(), ElementsAre(line("1"), line("offline")));
}

TEST_F(GbLinkTest, AfterItsStopNothingIsTaken) {
  const auto peer = unit();
  peer->send(frame(state(1), 1));
  expect_confirmed(*peer, 1);
  link().stop();
  EXPECT_TRUE(peer->ended());
  EXPECT_THAT(inbox(), ElementsAre(line("1"))) << "we went, not the unit";
}

TEST_F(GbLinkTest, GivesTheTimeToAUnitThatConnects) {
  settings_.sync_clock_every = 24h;
  const auto peer = unit();
  peer->send(frame(state(1), 1));
  expect_confirmed(*peer, 1);
  const auto order = peer->next();
  ASSERT_TRUE(order);
  EXPECT_TRUE(order->frame.is(CommandByte::control));
  EXPECT_EQ(order->frame.source, kCentre);
  EXPECT_EQ(order->frame.destination, kUnit);
  const auto data = gb26875::read_unit(order->data);
  ASSERT_TRUE(data && data->is(Type::sync_clock));
  EXPECT_EQ(gb26875::to_instant(data->objects.at(0).time), std::chrono::floor<std::chrono::seconds>(clock_.now()));
  peer->send(frame("", order->frame.serial, CommandByte::confirm));
  EXPECT_TRUE(eventually([this] { return metrics_.gb.orders[GbOrder::confirmed].value() == 1; }));
}

TEST_F(GbLinkTest, SendsAnOrderThreeTimes) {
  settings_.sync_clock_every = 24h;
  const auto peer = unit();
  peer->send(frame(state(1), 1));
  expect_confirmed(*peer, 1);
  std::optional<std::uint16_t> serial;
  for (unsigned i = 0; i < kMostSends; ++i) {
    const auto order = peer->next();
    ASSERT_TRUE(order) << i;
    EXPECT_EQ(serial.value_or(order->frame.serial), order->frame.serial);
    serial = order->frame.serial;
    clock_.advance(kConfirmWithin);
  }
  EXPECT_TRUE(eventually([this] { return metrics_.gb.orders[GbOrder::unconfirmed].value() == 1; }));
  EXPECT_EQ(metrics_.gb.orders_sent.value(), kMostSends);
}

TEST_F(GbLinkTest, AnswersAUnitThatAsksForTheTime) {
  const auto peer = unit();
  Object asked;
  peer->send(frame(data_of(Type::read_unit_time, asked), 5, CommandByte::request));
  const auto answer = peer->next();
  ASSERT_TRUE(answer);
  EXPECT_TRUE(answer->frame.is(CommandByte::answer));
  EXPECT_EQ(answer->frame.serial, 5);
  const auto data = gb26875::read_unit(answer->data);
  ASSERT_TRUE(data && data->is(Type::unit_time));
  EXPECT_TRUE(gb26875::to_instant(data->objects.at(0).time));
}

TEST_F(GbLinkTest, ADutyCheckIsAnsweredByAPersonOrIsNot) {
  settings_.duty_check_every = 1h;
  settings_.silent_after = 24h;
  const auto peer = unit();
  peer->send(frame(state(1), 1));
  expect_confirmed(*peer, 1);
  const auto be_asked = [&] {
    clock_.advance(1h);
    const auto order = peer->next();
    const auto data = order ? gb26875::read_unit(order->data) : std::nullopt;
    ASSERT_TRUE(data && data->is(Type::duty_check));
    EXPECT_EQ(data->objects.at(0).minutes, 10);
    peer->send(frame("", order->frame.serial, CommandByte::confirm));
  };
  be_asked();
  Object pressed;
  pressed.operation = 0x20;  // 查岗应答
  pressed.operator_number = 3;
  peer->send(frame(data_of(Type::unit_operation, pressed), 3));
  expect_confirmed(*peer, 3);
  EXPECT_EQ(metrics_.gb.duty_checks_answered.value(), 1u);
  be_asked();
  EXPECT_TRUE(eventually([this] { return metrics_.gb.orders[GbOrder::confirmed].value() == 2; }));
  clock_.advance(11min);
  EXPECT_TRUE(eventually([this] { return metrics_.gb.duty_checks_unanswered.value() == 1; }));
  EXPECT_EQ(metrics_.gb.duty_checks_answered.value(), 1u);
  EXPECT_TRUE(eventually([this] { return inbox().back() == line("duty_unanswered"); }));
  const auto all = inbox();
  EXPECT_EQ(std::ranges::count(all, line("duty_answered")), 1);
}

TEST_F(GbLinkTest, CarriesTheCommandsOfTheDriver) {
  const auto peer = unit();
  peer->send(frame(state(1), 1));
  expect_confirmed(*peer, 1);
  Object asked;
  const std::string command = frame(data_of(Type::read_unit_state, asked), 0, CommandByte::request, kCentre);
  const auto send = [this, &command](std::string topic) {
    auto promise = std::make_shared<std::promise<Result<void>>>();
    auto result = promise->get_future();
    link().send({std::move(topic), command, false},
                [promise](Result<void> done) { promise->set_value(std::move(done)); });
    return result;
  };
  auto done = send("gb26875/000000000379/down");
  EXPECT_TRUE(peer->next()->frame.is(CommandByte::request));
  EXPECT_EQ(send("gb26875/000000000379/down").get().error().code, ErrorCode::overloaded) << "its number waits";
  peer->send(frame(state(1), 0, CommandByte::answer));
  EXPECT_TRUE(done.get());
  auto refused = send("gb26875/000000000379/down");
  ASSERT_TRUE(peer->next());
  peer->send(frame("", 0, CommandByte::refuse));
  EXPECT_EQ(refused.get().error().code, ErrorCode::refused);
  auto lost = send("gb26875/000000000379/down");
  ASSERT_TRUE(peer->next());
  peer->close();
  EXPECT_EQ(lost.get().error().code, ErrorCode::io_failed);
  EXPECT_EQ(send("gb26875/000000000379/down").get().error().code, ErrorCode::io_failed);
  EXPECT_EQ(send("gb26875/u1/down").get().error().code, ErrorCode::not_found);
}

TEST_F(GbLinkTest, EndsASilentConnection) {
  const auto speaks = unit(), never = unit();
  speaks->send(frame(state(1), 1));
  expect_confirmed(*speaks, 1);
  clock_.advance(kFirstFrameWithin + 1s);
  EXPECT_TRUE(never->ended());
  EXPECT_FALSE(speaks->ended(100ms));
  clock_.advance(settings_.silent_after);
  EXPECT_TRUE(speaks->ended());
  EXPECT_EQ(metrics_.gb.cut[GbCut::silent].value(), 2u);
}

TEST_F(GbLinkTest, EndsAConnectionThatSendsGarbage) {
  const auto peer = unit();
  const std::string garbage(kMostGarbage + 1, 'x');
  peer->send(garbage);
  EXPECT_TRUE(peer->ended());
  const auto other = unit();
  std::string bad = frame(state(1), 3);
  bad[28] = static_cast<char>(bad[28] ^ 1);
  for (std::size_t i = 0; i <= kMostWrong; ++i) other->send(bad);
  EXPECT_TRUE(other->ended());
  EXPECT_EQ(metrics_.gb.cut[GbCut::garbage].value(), 2u);
}

TEST_F(GbLinkTest, TakesTheNextFrameAfterOneThatWasNeverFinished) {
  const auto peer = unit();
  peer->send(frame(state(1), 1));
  expect_confirmed(*peer, 1);
  std::string cut = frame(std::string(500, 'x'), 2);
  peer->send(cut.substr(0, 40));
  peer->send(frame(state(1), 3));
  std::optional<Peer::Got> got;
  for (int i = 0; i < 10 && !got; ++i) {  // until it has read all of that and has then looked
    clock_.advance(kRestOfFrameWithin + 1s);
    got = peer->next(1500ms);
  }
  ASSERT_TRUE(got);
  EXPECT_EQ(got->frame.serial, 3);
}

TEST_F(GbLinkTest, TakesNoMoreConnectionsThanItMay) {
  settings_.max_connections_per_address = 2;
  const auto one = unit(), two = unit(), three = unit();
  EXPECT_TRUE(three->ended());
  EXPECT_EQ(metrics_.gb.cut[GbCut::full].value(), 1u);
  one->close();
  EXPECT_TRUE(eventually([this] { return metrics_.gb.connections.value() == 1; }));
  const auto four = unit();
  four->send(frame(state(1), 1));
  expect_confirmed(*four, 1);
}

TEST_F(GbLinkTest, SaysWhenItsPortIsTaken) {
  settings_.port = link().port();
  GbLink other({io_, *inbox_, clock_, metrics_, faults_}, settings_, "gb26875");
  const auto started = other.start();
  ASSERT_FALSE(started);
  EXPECT_EQ(started.error().code, ErrorCode::io_failed);
  EXPECT_NE(started.error().message.find(std::to_string(*settings_.port)), std::string::npos);
}

}  // namespace
}  // namespace firegate::gb_link
