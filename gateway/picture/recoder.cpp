#include "picture/recoder.h"

#include <fmt/format.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "cage/spawn.h"
#include "picture/frame.h"

namespace firegate::picture {
namespace {

// The worker and our end of its socket; both go with it.
class Worker {
 public:
  Worker(cage::Child child, const Clock& clock, Steady until) : child_(child), clock_(clock), until_(until) {}
  ~Worker() {
    ::close(child_.channel);
    cage::end(child_.pid);
  }
  Worker(const Worker&) = delete;
  Worker& operator=(const Worker&) = delete;

  bool send(std::string_view bytes) {
    while (!bytes.empty()) {
      if (!wait_for(POLLOUT)) return false;
      const ssize_t put = ::send(child_.channel, bytes.data(), bytes.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
      if (put < 0 && errno != EINTR && errno != EAGAIN) return false;
      if (put > 0) bytes.remove_prefix(static_cast<std::size_t>(put));
    }
    return true;
  }

  bool receive(char* to, std::size_t size) {
    while (size > 0) {
      if (!wait_for(POLLIN)) return false;
      const ssize_t got = ::recv(child_.channel, to, size, MSG_DONTWAIT);
      if (got == 0 || (got < 0 && errno != EINTR && errno != EAGAIN)) return false;
      if (got < 0) continue;
      to += got;
      size -= static_cast<std::size_t>(got);
    }
    return true;
  }

 private:
  bool wait_for(short what) {
    for (;;) {
      const auto left = std::chrono::ceil<Millis>(until_ - clock_.steady_now()).count();
      if (left <= 0) return false;
      pollfd poll{child_.channel, what, 0};
      const int ready = ::poll(&poll, 1, static_cast<int>(left));
      if (ready > 0) return true;
      if (ready < 0 && errno != EINTR) return false;
    }
  }

  const cage::Child child_;
  const Clock& clock_;
  const Steady until_;
};

tl::unexpected<PictureProblem> refuse(PictureRefusal why, std::string message) {
  return tl::unexpected<PictureProblem>(PictureProblem{why, std::move(message)});
}

tl::unexpected<PictureProblem> too_costly() {
  return refuse(PictureRefusal::too_costly, "drawing the picture: it took more time or memory than one may");
}

}  // namespace

tl::expected<Drawing, PictureProblem> Recoder::draw(std::string_view bytes, PictureType type, PictureUse use) const {
  if (bytes.size() > kMaxPictureBytes) {
    return refuse(PictureRefusal::too_large, fmt::format("reading the picture: found {} bytes, expected at most {} MiB",
                                                         bytes.size(), kMaxPictureBytes >> 20));
  }
  const auto child = cage::spawn(worker_);
  if (!child) return refuse(PictureRefusal::unavailable, child.error().message);
  Worker worker(*child, clock_, clock_.steady_now() + patience_);
  const auto head = to_bytes(RequestHeader{use, type, static_cast<std::uint32_t>(bytes.size())});
  std::array<char, kAnswerHeader> answered{};
  if (!worker.send({head.data(), head.size()}) || !worker.send(bytes) ||
      !worker.receive(answered.data(), answered.size())) {
    return too_costly();
  }
  const auto header = answer_header({answered.data(), answered.size()});
  if (!header) return too_costly();
  std::string body(header->size, '\0');
  if (!worker.receive(body.data(), body.size())) return too_costly();
  if (header->refused) return refuse(static_cast<PictureRefusal>(header->what), "taking the picture: " + body);
  return Drawing{static_cast<PictureType>(header->what), header->width, header->height, std::move(body)};
}

}  // namespace firegate::picture
