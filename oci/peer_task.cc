#include "oci/peer_task.h"

namespace runward {

PeerTask PeerTaskFor(const Decision& decision, std::string key) {
  return {.key = std::move(key),
          .profile = decision.profile,
          .image = decision.image_signed ? decision.image : "",
          .vouched = decision.vouched_for && decision.outcome == Outcome::kAllow};
}

}  // namespace runward
