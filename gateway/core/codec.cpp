#include "core/codec.h"

#include <future>
#include <memory>
#include <utility>

namespace firegate {

CodecAnswer run_and_wait(Codecs& codecs, CodecRequest request) {
  const auto promise = std::make_shared<std::promise<CodecAnswer>>();
  auto answer = promise->get_future();
  codecs.run(std::move(request), [promise](CodecAnswer given) { promise->set_value(std::move(given)); });
  return answer.get();
}

}  // namespace firegate
