// LinkHealth: what the losses and returns of the broker connection mean. Pure: time is a parameter. Owned by MqttLink,
// on the io thread. It also says how long to wait before the next attempt.
//
// broker_lost: raised after 10 s without a connection, or at the third loss within 60 s (so that a broker which comes
// and
//   goes makes one fault); cleared after 30 s of connection without a loss.
// client_id_fight: raised when the broker says that our session was taken over (MQTT 5, reason 0x8E), or at the third
// loss
//   within 60 s when each attempt to return succeeded at once, because MQTT 3.1.1 has no such reason and mosquitto
//   gives it from 2.0.15 on only (mosquitto issues 2340, 2607); cleared after 60 s of connection without a loss.
// session_lost: raised when the broker should have known our session and did not; cleared when the broker has confirmed
//   the new subscriptions (from then on nothing more is missed; the alarm stays until acknowledged).
// Sources: fault catalogue F12 to F18 and F38; the seconds are our choice within its limits (100 s, flapping 30 s).
#pragma once

#include <deque>
#include <string>

#include "core/clock.h"
#include "core/self_fault.h"

namespace firegate::ingest {

constexpr Millis kLostAfter{10'000};
constexpr Millis kSteadyAfter{30'000};
constexpr Millis kFightOverAfter{60'000};
constexpr Millis kLossWindow{60'000};
constexpr std::size_t kManyLosses = 3;
constexpr Millis kFirstRetry{500};
constexpr Millis kLastRetry{15'000};   // a healed network is noticed within 15 s
constexpr Millis kFightRetry{30'000};  // while somebody else certainly uses our id

class LinkHealth {
 public:
  LinkHealth(SelfFault& faults, bool session_expected, Steady now);

  void connected(Steady now, bool session_present);
  void attempt_failed(Steady now, const std::string& why);
  void lost(Steady now, bool taken_over, const std::string& why);
  void subscribed();      // the broker has confirmed all subscriptions
  void tick(Steady now);  // once a second

  bool is_connected() const noexcept { return connected_; }
  // Doubles from 0.5 s to 15 s with every failed attempt or recent loss; 30 s when the broker spoke of a fight;
  // `random` (0 to 1) takes up to half of it away.
  Millis retry_after(Steady now, double random) const noexcept;

 private:
  std::size_t recent_losses(Steady now) const noexcept;
  void raise(SelfFaultCode code, bool& raised, std::string detail);
  void clear(SelfFaultCode code, bool& raised);

  SelfFault& faults_;
  bool session_expected_;
  bool connected_ = false;
  Steady since_;                  // of the present state
  std::deque<Steady> losses_;     // within the last minute
  std::size_t failures_ = 0;      // attempts since the last connection
  bool taken_over_ = false;       // the fight is the broker's word
  bool returned_at_once_ = true;  // no attempt failed between the recent losses
  std::string last_reason_;
  bool broker_lost_ = false, fight_ = false, session_lost_ = false;
};

}  // namespace firegate::ingest
