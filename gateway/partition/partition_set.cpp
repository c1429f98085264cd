#include "partition/partition_set.h"

#include <atomic>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/strand.hpp>
#include <boost/asio/thread_pool.hpp>
#include <mutex>

#include "core/config_node.h"
#include "core/hash.h"
#include "core/log.h"
#include "core/pulse.h"
#include "partition/estate.h"
#include "partition/partition.h"

namespace firegate::partition {
namespace asio = boost::asio;

Settings Settings::parse(const ConfigNode* node, Problems& problems) {
  Settings settings;
  if (!node) return settings;
  MapReader reader(*node, problems);
  settings.partitions = static_cast<unsigned>(reader.integer("partitions", settings.partitions, 1, 64));
  settings.mailbox_items =
      static_cast<std::size_t>(reader.integer("mailbox_items", static_cast<std::int64_t>(settings.mailbox_items), 64, 1'000'000));
  settings.flush_after = reader.duration("flush_after", settings.flush_after);
  reader.finish();
  return settings;
}

namespace {

constexpr int kCensusEvery = 5;  // seconds; our choice: a third of the usual interval at which Prometheus asks

// What a commit still owes to people: published when it is done, or announced unrecorded when it takes too long.
struct Pending {
  std::vector<Alarm> alarms;
  std::vector<Notice> notices;
  std::vector<TestRow> tests;
  std::vector<std::pair<std::function<void(Result<Alarm>)>, Result<Alarm>>> acts;
  bool announced = false;
  std::unique_ptr<asio::steady_timer> patience;
};

// Life, and what is wrong with ourselves: that the record fails could otherwise not be told before it works again.
bool is_urgent_to_tell(const Notice& notice) noexcept {
  return (threatens_life(notice.alarm.alarm_class) || notice.alarm.rule.starts_with("self_")) &&
         (notice.kind == NoticeKind::raised || notice.kind == NoticeKind::announced_again);
}

}  // namespace

// One partition with its strand, its mailbox and what it has not yet handed to the journal.
struct PartitionSet::Impl {
  struct Delivery {
    std::vector<ToPartition> items;
    InboxHold hold;
  };
  struct Shard {
    Shard(asio::thread_pool& pool, Partition made)
        : strand(asio::make_strand(pool)), partition(std::move(made)), deadline(strand), flush(strand) {}

    asio::strand<asio::thread_pool::executor_type> strand;
    Partition partition;           // everything from here on: the strand only
    Batch batch;
    std::vector<std::pair<std::function<void(Result<Alarm>)>, Result<Alarm>>> acts;
    asio::steady_timer deadline;   // the next rule or liveness timer
    Instant deadline_at = kNever;
    asio::steady_timer flush;
    bool flush_armed = false;
    bool stopping = false;  // what is still to come arms nothing: the threads would wait for it

    bool has_to_write() const noexcept { return !batch.empty() || partition.is_dirty(); }

    std::mutex mailbox_mutex;  // guards the mailbox alone
    std::vector<Delivery> mailbox;
    std::atomic<std::size_t> waiting{0};  // items in the mailbox
    std::atomic<std::uint64_t> devices{0}, online{0}, live_alarms{0}, unacknowledged{0};
    std::atomic<Millis> lag{};
    std::atomic<Steady> refused_first{}, refused_last{};  // of a row of refusals; zero: none
    bool overloaded = false;                              // look_after_mailboxes only
    std::uint64_t bad_readings = 0;                       // counted so far
    Pulse pulse;
  };

  Impl(Settings set, Deps d) : settings(set), deps(d), pool(set.partitions) {}

  Shard& shard_of(std::string_view building) { return *shards[StableHash{}.add(building).value() % shards.size()]; }
  // Faults of our own live in the pseudo-building `gateway`.
  Shard& own_shard() { return shard_of("gateway"); }

  // Many buildings share a mailbox and small deliveries come close together: only the first of them wakes the strand.
  void deliver(Shard& shard, Delivery delivery) {
    bool first = false;
    {
      const std::lock_guard lock(shard.mailbox_mutex);
      first = shard.mailbox.empty();
      shard.mailbox.push_back(std::move(delivery));
    }
    if (first) asio::post(shard.strand, [this, &shard] { empty_mailbox(shard); });
  }

  void empty_mailbox(Shard& shard) {
    std::vector<Delivery> taken;
    {
      const std::lock_guard lock(shard.mailbox_mutex);
      taken.swap(shard.mailbox);
    }
    for (const Delivery& delivery : taken) {
      receive(shard, delivery.items, delivery.hold);
      if (shard.batch.urgent) hand_over(shard);
    }
    settle(shard);
  }

  void receive(Shard& shard, const std::vector<ToPartition>& items, const InboxHold& hold) {
    for (const ToPartition& item : items) {
      deps.metrics.readings.add(item.message.readings.size());
      shard.partition.receive(item, shard.batch);
    }
    if (shard.batch.holds.empty() || shard.batch.holds.back() != hold) shard.batch.holds.push_back(hold);
    shard.waiting.fetch_sub(items.size(), std::memory_order_relaxed);
    deps.metrics.readings_bad.add(shard.partition.bad_readings() - shard.bad_readings);
    shard.bad_readings = shard.partition.bad_readings();
    if (!items.empty()) {
      const auto delay = deps.clock.now() - items.front().arrived_at;
      deps.metrics.decision_delay.observe(static_cast<double>(delay.count()) / 1000);
      shard.lag.store(delay, std::memory_order_relaxed);
    }
  }

  // After anything that may have changed the partition: hand over, and arm the timers.
  void settle(Shard& shard) {
    if (shard.batch.urgent || (shard.stopping && shard.has_to_write())) hand_over(shard);
    if (shard.stopping) return;
    if (shard.has_to_write() && !shard.flush_armed) arm_flush(shard);
    arm_deadline(shard);
    shard.devices.store(shard.partition.device_count(), std::memory_order_relaxed);
    shard.online.store(shard.partition.online_count(), std::memory_order_relaxed);
    shard.live_alarms.store(shard.partition.live_alarm_count(), std::memory_order_relaxed);
    shard.unacknowledged.store(shard.partition.unacknowledged_count(), std::memory_order_relaxed);
  }

  void arm_flush(Shard& shard) {
    shard.flush_armed = true;
    shard.flush.expires_after(settings.flush_after);
    shard.flush.async_wait([this, &shard](const boost::system::error_code& cancelled) {
      shard.flush_armed = false;
      if (!cancelled && shard.has_to_write()) hand_over(shard);
    });
  }

  void arm_deadline(Shard& shard) {
    const Instant next = shard.partition.next_deadline();
    if (next == shard.deadline_at || next == kNever) return;
    shard.deadline_at = next;
    const Millis wait = std::max(Millis{1}, Millis(next - deps.clock.now()));
    shard.deadline.expires_after(std::min(wait, Millis{std::chrono::hours{1}}));
    shard.deadline.async_wait([this, &shard](const boost::system::error_code& cancelled) {
      if (cancelled) return;
      shard.deadline_at = kNever;
      shard.partition.advance(deps.clock.now(), shard.batch);
      settle(shard);
    });
  }

  void hand_over(Shard& shard) {
    shard.partition.close(shard.batch);
    count_raised(shard.batch.notices);
    estates.admit(shard.batch);
    auto pending = std::make_shared<Pending>();
    pending->alarms = shard.batch.alarms;
    pending->notices = shard.batch.notices;
    if (deps.tests) pending->tests = shard.batch.tests;
    pending->acts = std::move(shard.acts);
    shard.acts.clear();
    watch(shard, pending);
    Batch batch = std::move(shard.batch);
    shard.batch = Batch{};
    deps.journal.write(std::move(batch), [this, &shard, pending](Result<void> result) {
      asio::post(shard.strand, [this, pending, result] { committed(*pending, result); });
    });
  }

  void count_raised(const std::vector<Notice>& notices) {
    for (const Notice& notice : notices) {
      if (notice.kind == NoticeKind::raised) deps.metrics.alarms_raised[notice.alarm.alarm_class].add();
    }
  }

  // Life first: a fire whose record takes longer than record_within is announced without it.
  void watch(Shard& shard, const std::shared_ptr<Pending>& pending) {
    if (std::none_of(pending->notices.begin(), pending->notices.end(), is_urgent_to_tell)) return;
    pending->patience = std::make_unique<asio::steady_timer>(shard.strand);
    pending->patience->expires_after(settings.record_within);
    pending->patience->async_wait([this, pending](const boost::system::error_code& cancelled) {
      if (!cancelled) announce_unrecorded(*pending);
    });
  }

  void announce_unrecorded(Pending& pending) {
    if (pending.announced) return;
    pending.announced = true;
    for (Notice notice : pending.notices) {
      if (!is_urgent_to_tell(notice)) continue;
      notice.alarm.not_recorded = true;
      deps.metrics.alarms_not_recorded.add();
      log::critical("alarm_not_recorded", {{"alarm", to_text(notice.alarm.id)}, {"subject", notice.alarm.subject.text()}});
      deps.announcer.announce(notice);
      deps.live.alarm_changed(notice.alarm);
    }
  }

  void committed(Pending& pending, const Result<void>& result) {
    if (!result) {
      announce_unrecorded(pending);
      answer(pending, fail(result.error().code, "recording the act: " + result.error().message));
      return;
    }
    if (pending.patience) pending.patience->cancel();
    for (const Alarm& alarm : pending.alarms) deps.live.alarm_changed(alarm);
    for (const TestRow& test : pending.tests) deps.tests->test_passed(test);
    answer(pending, {});
  }

  // Answers those who acted: with the alarm as it is, or with the failure to record it.
  static void answer(Pending& pending, const Result<void>& recorded) {
    for (auto& [done, result] : pending.acts) {
      if (recorded) {
        done(std::move(result));
      } else {
        done(tl::unexpected<Error>(recorded.error()));
      }
    }
    pending.acts.clear();
  }

  // An alarm's partition is not known from its id: each is asked in turn (there are few, and people act rarely).
  void act(std::size_t index, Act act_wanted, std::function<void(Result<Alarm>)> done) {
    if (index == shards.size()) {
      done(fail(ErrorCode::not_found, "no live alarm " + to_text(act_wanted.alarm)));
      return;
    }
    Shard& shard = *shards[index];
    asio::post(shard.strand, [this, &shard, index, wanted = std::move(act_wanted), done = std::move(done)]() mutable {
      auto result = shard.partition.act(wanted, deps.clock.now(), shard.batch);
      if (!result && result.error().code == ErrorCode::not_found) {
        act(index + 1, std::move(wanted), std::move(done));
        return;
      }
      if (!result || shard.batch.empty()) {
        done(std::move(result));
        return;
      }
      if (result) count_act(wanted, *result);
      shard.acts.emplace_back(std::move(done), std::move(result));
      shard.batch.urgent = true;
      settle(shard);
    });
  }

  void count_act(const Act& wanted, const Alarm& alarm) {
    deps.metrics.acts[wanted.kind].add();
    if (wanted.kind == ActKind::verdict && wanted.verdict) deps.metrics.verdicts[*wanted.verdict].add();
    if (wanted.kind == ActKind::acknowledge && alarm.acknowledged_at) {
      const std::chrono::duration<double> took = *alarm.acknowledged_at - alarm.first_raised_at;
      deps.metrics.acknowledge_time[info(alarm.alarm_class).priority].observe(took.count());
    }
  }

  // Costs a look at every device: often enough for who looks at a dashboard, seldom enough for the messages.
  void take_census() {
    if (++seconds_since_census_ < kCensusEvery) return;
    seconds_since_census_ = 0;
    for (std::size_t index = 0; index < shards.size(); ++index) {
      Shard& shard = *shards[index];
      asio::post(shard.strand, [this, &shard, index] {
        deps.metrics.census.put(index, shard.partition.census(deps.clock.now()));
      });
    }
  }

  void list(std::size_t index, std::vector<DeviceSnapshot> so_far, std::function<void(std::vector<DeviceSnapshot>)> done) {
    if (index == shards.size()) {
      done(std::move(so_far));
      return;
    }
    Shard& shard = *shards[index];
    asio::post(shard.strand, [this, &shard, index, list_so_far = std::move(so_far), done = std::move(done)]() mutable {
      shard.partition.list(list_so_far);
      list(index + 1, std::move(list_so_far), std::move(done));
    });
  }

  void refused(Shard& shard) const noexcept {
    const Steady now = deps.clock.steady_now();
    const Steady last = shard.refused_last.exchange(now, std::memory_order_relaxed);
    if (now - last > settings.overloaded_after) shard.refused_first.store(now, std::memory_order_relaxed);
  }

  void look_after(Shard& shard, std::size_t index, SelfFault& faults) const {
    const Steady now = deps.clock.steady_now();
    const Steady first = shard.refused_first.load(std::memory_order_relaxed);
    const Steady last = shard.refused_last.load(std::memory_order_relaxed);
    const bool lately = last != Steady{} && now - last <= settings.overloaded_after;
    const std::string part = fmt::format("partition {}", index);
    if (lately && now - first > settings.overloaded_after && !shard.overloaded) {
      shard.overloaded = true;
      faults.raise(SelfFaultCode::partition_overloaded, part,
                   fmt::format("{} messages wait, the inbox takes what comes", shard.waiting.load(std::memory_order_relaxed)));
    } else if (!lately && shard.overloaded) {
      shard.overloaded = false;
      faults.clear(SelfFaultCode::partition_overloaded, part);
    }
  }

  // What was held back at the level of the estates and is due.
  void tell_collected() {
    Shard& shard = own_shard();
    asio::post(shard.strand, [this, &shard] {
      Batch due;
      estates.advance(deps.clock.now(), due);
      if (due.empty()) return;
      shard.batch.append(std::move(due));
      settle(shard);
    });
  }

  void self_fault(SelfFaultCode code, std::string part, std::string detail, bool raised) {
    Shard& shard = own_shard();
    asio::post(shard.strand, [this, &shard, code, part = std::move(part), detail = std::move(detail), raised] {
      shard.partition.self_fault(code, part, detail, raised, deps.clock.now(), shard.batch);
      settle(shard);
    });
  }

  Settings settings;
  Deps deps;
  asio::thread_pool pool;
  Estates estates;
  std::vector<std::unique_ptr<Shard>> shards;
  std::atomic<bool> taking{false};
  int seconds_since_census_ = kCensusEvery;  // look_after_mailboxes only
};

PartitionSet::PartitionSet(Settings settings, Deps deps, std::shared_ptr<const rules::RuleSet> rules, DeviceMapPtr map,
                           const Restored& restored)
    : impl_(std::make_unique<Impl>(settings, deps)) {
  const Instant now = deps.clock.now();
  const std::size_t count = settings.partitions;
  for (std::size_t index = 0; index < count; ++index) {
    const auto owns = [index, count](std::string_view building) {
      return StableHash{}.add(building).value() % count == index;
    };
    impl_->shards.push_back(std::make_unique<Impl::Shard>(impl_->pool, Partition(owns, rules, map, restored, now)));
  }
}

PartitionSet::~PartitionSet() { stop(); }

void PartitionSet::start() {
  impl_->taking.store(true, std::memory_order_release);
  for (auto& shard : impl_->shards) {
    asio::post(shard->strand, [impl = impl_.get(), shard = shard.get()] { impl->settle(*shard); });
  }
}

void PartitionSet::stop() {
  if (!impl_->taking.exchange(false)) return;
  for (auto& shard : impl_->shards) {
    asio::post(shard->strand, [impl = impl_.get(), shard = shard.get()] {
      shard->stopping = true;
      shard->deadline.cancel();
      shard->flush.cancel();
      if (shard == &impl->own_shard()) impl->estates.flush(impl->deps.clock.now(), shard->batch);
      impl->settle(*shard);
    });
  }
  impl_->pool.join();
}

void PartitionSet::use(DeviceMapPtr map) {
  for (auto& shard : impl_->shards) {
    asio::post(shard->strand, [impl = impl_.get(), shard = shard.get(), map] {
      shard->partition.use(map, impl->deps.clock.now(), shard->batch);
      impl->settle(*shard);
    });
  }
}

void PartitionSet::use(std::shared_ptr<const rules::RuleSet> rules) {
  for (auto& shard : impl_->shards) {
    asio::post(shard->strand, [impl = impl_.get(), shard = shard.get(), rules] {
      shard->partition.use(rules, impl->deps.clock.now(), shard->batch);
      impl->settle(*shard);
    });
  }
}

void PartitionSet::clock_stepped(Millis step) {
  impl_->estates.clock_stepped(step);
  for (auto& shard : impl_->shards) {
    asio::post(shard->strand, [impl = impl_.get(), shard = shard.get(), step] {
      shard->partition.clock_stepped(step);
      shard->deadline_at = kNever;
      impl->settle(*shard);
    });
  }
}

void PartitionSet::look_after_mailboxes() {
  std::size_t waiting = 0;
  for (std::size_t index = 0; index < impl_->shards.size(); ++index) {
    waiting += impl_->shards[index]->waiting.load(std::memory_order_relaxed);
    impl_->look_after(*impl_->shards[index], index, *this);
  }
  impl_->deps.metrics.mailbox_waiting.set(static_cast<double>(waiting));
  if (!impl_->taking.load(std::memory_order_acquire)) return;
  impl_->tell_collected();
  impl_->take_census();
}

void PartitionSet::ask_pulses() {
  for (auto& shard : impl_->shards) {
    if (!shard->pulse.ask()) continue;
    asio::post(shard->strand, [impl = impl_.get(), shard = shard.get()] { shard->pulse.beat(impl->deps.clock.steady_now()); });
  }
}

Steady PartitionSet::slowest_pulse() const noexcept {
  Steady slowest = Steady::max();
  for (const auto& shard : impl_->shards) slowest = std::min(slowest, shard->pulse.last());
  return slowest;
}

Counts PartitionSet::counts() const noexcept {
  Counts counts;
  for (const auto& shard : impl_->shards) {
    counts.devices += shard->devices.load(std::memory_order_relaxed);
    counts.online += shard->online.load(std::memory_order_relaxed);
    counts.live_alarms += shard->live_alarms.load(std::memory_order_relaxed);
    counts.unacknowledged += shard->unacknowledged.load(std::memory_order_relaxed);
    counts.decision_lag = std::max(counts.decision_lag, shard->lag.load(std::memory_order_relaxed));
  }
  return counts;
}

std::vector<Alarm> PartitionSet::live_alarms() const {
  std::vector<Alarm> alarms;
  for (const auto& shard : impl_->shards) shard->partition.live_alarms(alarms);
  return alarms;
}

bool PartitionSet::deliver(std::string_view building, std::vector<ToPartition>& items, const InboxHold& hold) noexcept {
  Impl::Shard& shard = impl_->shard_of(building);
  const std::size_t waiting = shard.waiting.load(std::memory_order_relaxed);
  if (waiting > 0 && waiting + items.size() > impl_->settings.mailbox_items) {
    impl_->refused(shard);
    return false;
  }
  shard.waiting.fetch_add(items.size(), std::memory_order_relaxed);
  impl_->deliver(shard, {std::move(items), hold});
  items.clear();
  return true;
}

void PartitionSet::post(Act act, std::function<void(Result<Alarm>)> done) noexcept {
  impl_->act(0, std::move(act), std::move(done));
}

void PartitionSet::list(std::function<void(std::vector<DeviceSnapshot>)> done) noexcept { impl_->list(0, {}, std::move(done)); }

void PartitionSet::one(std::string id, std::function<void(Result<DeviceSnapshot>)> done) noexcept {
  // As for acts: the device's partition follows from its building, which only the partitions know.
  const auto ask = [impl = impl_.get()](auto& self, std::size_t index, std::string wanted,
                                        std::function<void(Result<DeviceSnapshot>)> answer) -> void {
    if (index == impl->shards.size()) {
      answer(fail(ErrorCode::not_found, "no device " + wanted));
      return;
    }
    Impl::Shard& shard = *impl->shards[index];
    asio::post(shard.strand, [self, &shard, index, wanted = std::move(wanted), answer = std::move(answer)]() mutable {
      if (auto found = shard.partition.one(wanted)) {
        answer(std::move(*found));
      } else {
        self(self, index + 1, std::move(wanted), std::move(answer));
      }
    });
  };
  ask(ask, 0, std::move(id), std::move(done));
}

void PartitionSet::raise(SelfFaultCode code, std::string_view part, std::string detail) noexcept {
  impl_->deps.metrics.self_faults[code].add();
  log::error("self_fault", {{"code", label(code)}, {"part", part}, {"detail", detail}});
  impl_->self_fault(code, std::string(part), std::move(detail), true);
}

void PartitionSet::clear(SelfFaultCode code, std::string_view part) noexcept {
  impl_->self_fault(code, std::string(part), {}, false);
}

}  // namespace firegate::partition
