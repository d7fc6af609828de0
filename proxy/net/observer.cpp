#include "net/observer.hpp"

#include "net/prober.hpp"

namespace kerbgate::net {

void Observer::failed() {
  if (++errors_ < limit_) return;
  errors_ = 0;
  if (Loop* const loop = loop_)
    loop->post([self = shared_from_this()] {
      if (self->prober_ != nullptr) self->prober_->sessions_failed(self->limit_);
    });
}

}  // namespace kerbgate::net
