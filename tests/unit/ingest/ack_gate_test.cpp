// The gate between two plain sockets: one speaks as Paho does, the other as a broker. What is on disk is said by the
// test.
#include "ingest/ack_gate.h"

#include <gtest/gtest.h>

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/write.hpp>
#include <future>
#include <optional>

#include "ingest/mqtt_packet.h"
#include "unit/ingest/fixtures.h"

namespace firegate::ingest {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using namespace std::string_literals;

const std::string kConnect = "\x10\x00"s, kPing = "\xC0\x00"s, kLeave = "\xE0\x00"s;
std::string ack(char number) { return "\x40\x02\x00"s + number; }

TEST(MqttPacket, SaysItsSize) {
  EXPECT_EQ(packet_size(""), std::nullopt);
  EXPECT_EQ(packet_size("\x40"), std::nullopt);
  EXPECT_EQ(packet_size("\x40\x02"s), 4U) << "before all of it has come";
  EXPECT_EQ(packet_size("\x30\xFF\x7F"s), 3U + 16'383) << "MQTT 5.0, table 1-1";
  EXPECT_EQ(packet_size("\x30\x80\x80\x80"s), std::nullopt);
  EXPECT_EQ(packet_size("\x30\xFF\xFF\xFF\x7F"s), 5U + 268'435'455);
  EXPECT_EQ(packet_size("\x30\xFF\xFF\xFF\xFF"s), 0U) << "a fifth byte of length is no MQTT";
}

TEST(MqttPacket, KnowsAcknowledgementAndLeaveTaking) {
  EXPECT_TRUE(is_packet(ack(1), PacketType::puback));
  EXPECT_TRUE(is_packet(kLeave, PacketType::disconnect));
  EXPECT_FALSE(is_packet(kPing, PacketType::puback));
  EXPECT_FALSE(is_packet("", PacketType::puback));
}

// A log whose disk is as fast as the test says.
class Disk {
 public:
  AckGate::Log log() {
    return {[this] { return appended_.load(); }, [this] { return synced_.load(); },
            [this](InboxSeq up_to, std::function<void()> done) {
              {
                const std::lock_guard lock(mutex_);
                if (up_to > synced_) return void(waiting_.emplace(up_to, std::move(done)));
              }
              done();
            }};
  }
  void append(InboxSeq newest) { appended_ = newest; }
  void sync(InboxSeq up_to) {
    std::multimap<InboxSeq, std::function<void()>> due;
    {
      const std::lock_guard lock(mutex_);
      synced_ = up_to;
      const auto end = waiting_.upper_bound(up_to);
      due.insert(waiting_.begin(), end);
      waiting_.erase(waiting_.begin(), end);
    }
    for (const auto& [seq, done] : due) done();
  }

 private:
  std::atomic<InboxSeq> appended_{0}, synced_{0};
  std::mutex mutex_;
  std::multimap<InboxSeq, std::function<void()>> waiting_;
};

class AckGateTest : public testing::Test {
 protected:
  AckGateTest() : work_(io_.get_executor()), thread_([this] { io_.run(); }) {
    broker_settings_.port = broker_.local_endpoint().port();
  }
  ~AckGateTest() override {
    if (gate_) on_io([this] { gate_->close(); });
    work_.reset();
    io_.stop();
    thread_.join();
  }
  // The gate stands, a client has come through it.
  void open() {
    gate_.emplace(io_, broker_settings_, disk_.log(), metrics_);
    const auto port = gate_->open();
    ASSERT_TRUE(port);
    client_.connect({asio::ip::address_v4::loopback(), *port});
  }
  void take() { at_broker_ = broker_.accept(); }
  void say(const std::string& bytes) { asio::write(client_, asio::buffer(bytes)); }
  // What comes next on a socket: exactly so many bytes.
  static std::string next(tcp::socket& socket, std::size_t bytes) {
    std::string read(bytes, '\0');
    boost::system::error_code error;
    asio::read(socket, asio::buffer(read), error);
    return error ? error.message() : read;
  }
  // Runs on the gate's thread, after all that it has taken up so far.
  void on_io(std::function<void()> task) {
    std::promise<void> done;
    asio::post(io_, [&task, &done] {
      task();
      done.set_value();
    });
    done.get_future().wait();
  }
  std::string failure() {
    std::string failure;
    on_io([this, &failure] { failure = gate_->failure(); });
    return failure;
  }

  Disk disk_;
  metrics::Metrics metrics_;
  asio::io_context io_{1}, sockets_;
  asio::executor_work_guard<asio::io_context::executor_type> work_;
  tcp::acceptor broker_{sockets_, {asio::ip::address_v4::loopback(), 0}};
  BrokerSettings broker_settings_;
  std::optional<AckGate> gate_;
  tcp::socket client_{sockets_}, at_broker_{sockets_};
  std::thread thread_;
};

TEST_F(AckGateTest, HoldsAnAcknowledgementUntilItsMessageIsOnDisk) {
  open();
  take();
  disk_.append(1);
  say(kConnect + ack(1) + kPing);
  EXPECT_EQ(next(at_broker_, 4), kConnect + kPing) << "a slow disk costs no keep-alive";
  EXPECT_EQ(metrics_.acks_held.value(), 1);
  disk_.sync(1);
  EXPECT_EQ(next(at_broker_, 4), ack(1));
  EXPECT_TRUE(eventually([this] { return metrics_.acks_held.value() == 0; }));
}

TEST_F(AckGateTest, OneSyncReleasesWhatItCoversAndNoMore) {
  open();
  take();
  for (char number = 1; number <= 3; ++number) {
    disk_.append(static_cast<InboxSeq>(number));
    say(ack(number) + kPing);
    ASSERT_EQ(next(at_broker_, 2), kPing);  // the gate has seen it
  }
  disk_.sync(2);
  EXPECT_EQ(next(at_broker_, 8), ack(1) + ack(2));
  say(kPing);
  EXPECT_EQ(next(at_broker_, 2), kPing) << "the third still waits";
  disk_.sync(3);
  EXPECT_EQ(next(at_broker_, 4), ack(3));
}

TEST_F(AckGateTest, PacketsMayComeInPieces) {
  open();
  take();
  disk_.append(7);
  disk_.sync(7);
  for (const char byte : kConnect + ack(1) + kPing) say(std::string(1, byte));
  std::string all = next(at_broker_, 8);
  EXPECT_EQ(all.size(), 8U);
  EXPECT_NE(all.find(ack(1)), std::string::npos);
  EXPECT_TRUE(all.starts_with(kConnect));
}

TEST_F(AckGateTest, LeaveTakingComesAfterWhatWasAcknowledged) {
  open();
  take();
  disk_.append(1);
  say(ack(1) + kLeave + kPing);
  ASSERT_EQ(next(at_broker_, 2), kPing);
  client_.close();
  disk_.sync(1);
  EXPECT_EQ(next(at_broker_, 6), ack(1) + kLeave);
  EXPECT_EQ(next(at_broker_, 1), "End of file");
}

TEST_F(AckGateTest, TheBrokersLastWordsArriveThoughMoreWasSaidToIt) {
  open();
  take();
  disk_.append(1);
  say(ack(1) + kPing);
  ASSERT_EQ(next(at_broker_, 2), kPing);
  asio::write(at_broker_, asio::buffer("\xE0\x01\x8E"s));  // our session was taken over
  at_broker_.close();
  say(kPing);
  EXPECT_EQ(next(client_, 3), "\xE0\x01\x8E"s);
  EXPECT_EQ(next(client_, 1), "End of file");
}

TEST_F(AckGateTest, SaysWhyTheBrokerCannotBeReached) {
  broker_.close();
  open();
  EXPECT_EQ(next(client_, 1), "End of file");
  EXPECT_EQ(failure(), "connecting tcp://127.0.0.1:" + std::to_string(broker_settings_.port) + ": Connection refused");
}

TEST_F(AckGateTest, WhatIsNoMqttEndsTheConnection) {
  open();
  take();
  say("\x40\xFF\xFF\xFF\xFF"s);
  EXPECT_EQ(next(at_broker_, 1), "End of file");
  EXPECT_NE(failure().find("found no MQTT packet"), std::string::npos) << failure();
}

TEST_F(AckGateTest, ABrokerThatWantsAnUnreadableCertificateIsNamed) {
  broker_settings_.tls = TlsSettings{"/nowhere/ca.pem", {}, {}};
  open();
  take();
  EXPECT_EQ(next(client_, 1), "End of file");
  EXPECT_NE(failure().find("reading /nowhere/ca.pem"), std::string::npos) << failure();
}

}  // namespace
}  // namespace firegate::ingest
