#include "agent/worker.h"

#include <sys/epoll.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <functional>
#include <map>
#include <memory>
#include <optional>

#include "agent/clients.h"
#include "agent/enforcer.h"
#include "agent/fanotify_group.h"
#include "agent/network_requests.h"
#include "agent/networks.h"
#include "agent/notified_calls.h"
#include "agent/requests.h"
#include "agent/secret_refresher.h"
#include "agent/secret_supplier.h"
#include "agent/service_manager.h"
#include "agent/take_over.h"
#include "agent/vault_requests.h"
#include "agent/work_lock.h"

namespace runward {
namespace {

class Worker {
 public:
  Worker(const Paths& paths, const AgentOptions& options, Kept& kept, Looks& looks, int keeper,
         bool stopping)
      : paths_(paths),
        options_(options),
        kept_(kept),
        keeper_(keeper),
        stopping_(stopping),
        enforcer_(paths, kept.group.get(), looks),
        vault_(paths),
        supplier_(paths, vault_),
        refresher_(paths, vault_) {}

  Result<void> Start() {
    constexpr int64_t kPatience = 5000;  // milliseconds, for one that is on its way out
    lock_ = TRY(LockWork(paths_, kPatience));
    poll_ = UniqueFd(epoll_create1(EPOLL_CLOEXEC));
    timer_ = UniqueFd(timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK));
    if (!poll_.valid() || !timer_.valid()) return ErrnoError("make a poll", errno);
    // Containers first: what waits is theirs. What a predecessor left unanswered is nobody's.
    if (options_.bpf) enforcer_.LoadKernel();
    for (const std::string& why : options_.left_out) enforcer_.PassOver(why);
    enforcer_.Restore();
    for (const auto& [key, container] : enforcer_.registry().all()) Follow(*container);
    if (kept_.group.valid()) DenyUnanswered(kept_.group.get());
    if (kept_.calls.valid()) calls_.emplace(TRY(NotifiedCalls::Over(kept_.calls)));
    if (calls_) calls_->Resume(Rule());
    networks_ = TRY(Networks::Make(paths_));
    networks_->Restore();
    for (const int fd :
         {kept_.group.get(), kept_.listener.get(), timer_.get(), keeper_, refresher_.fd(),
          networks_->fd(), enforcer_.kernel_fd(), calls_ ? calls_->fd() : -1}) {
      if (fd >= 0) TRY(Poll(fd));
    }
    return TellReady(kept_);
  }

  Result<WorkEnd> Run() {
    while (!end_) {
      std::array<epoll_event, 64> events{};
      const int count = epoll_wait(poll_.get(), events.data(), events.size(), -1);
      if (count < 0 && errno != EINTR) return ErrnoError("wait for something to do", errno);
      for (int i = 0; i < count && !end_; ++i) {
        TRY(Handle(events[static_cast<size_t>(i)].data.fd));
        // Nothing that takes longer may keep those waiting who execute something.
        TRY(enforcer_.Answer());
      }
      if (stopping_ && GuardsNothing()) end_ = WorkEnd::kDone;
      TRY(ArmTimer());
    }
    return *end_;
  }

 private:
  Result<void> Poll(int fd) {
    epoll_event event{.events = EPOLLIN, .data = {.fd = fd}};
    if (epoll_ctl(poll_.get(), EPOLL_CTL_ADD, fd, &event) == 0) return {};
    return ErrnoError("poll", errno);
  }

  NotifiedCalls::Judge Rule() {
    return
        [this](const CallOrigin& origin, const NotifiedCall& call,
               const std::function<bool()>& waits) { return enforcer_.Rule(origin, call, waits); };
  }

  void Follow(const Watched& container) {
    std::erase_if(ends_, [&](const auto& one) { return one.second == container.key; });
    if (Poll(container.alive.get()).ok()) ends_[container.alive.get()] = container.key;
  }

  Result<void> Handle(int fd) {
    busy_ = true;
    if (fd == kept_.group.get()) return {};  // answered after each event
    if (fd == kept_.listener.get()) {
      for (const int client : clients_.Accept(fd)) TRY(Poll(client));
      return {};
    }
    if (calls_ && fd == calls_->fd()) {
      calls_->Serve(Rule());
      return {};
    }
    if (fd == enforcer_.kernel_fd()) {
      enforcer_.TellKernelEvents();
      return {};
    }
    if (fd == networks_->fd()) {
      networks_->Handle();
      return {};
    }
    if (fd == timer_.get()) return Tick();
    if (fd == keeper_) return LookAtKeeper();
    if (fd == refresher_.fd()) {
      supplier_.Forget();
      refresher_.Refresh();
      return {};
    }
    if (const auto ended = ends_.find(fd); ended != ends_.end()) {
      const std::string key = ended->second;
      ends_.erase(ended);
      enforcer_.Forget(key);
      return {};
    }
    clients_.Serve(fd, [this, fd](const std::string& request) { return AnswerTo(fd, request); });
    return {};
  }

  std::string AnswerTo(int client, const std::string& request) {
    if (request == kTakeOver) return GiveUp(client);
    // What is told of the vault and not read yet counts, too.
    if (refresher_.Told()) supplier_.Forget();
    if (auto answer = AnswerVaultRequest(paths_, vault_, supplier_, client, request)) {
      refresher_.Watch();
      return *std::move(answer);
    }
    if (auto answer = AnswerNetworkRequest(*networks_, request)) return *std::move(answer);
    return AnswerRequest(enforcer_, request, [this](const Watched& one) { Follow(one); });
  }

  [[nodiscard]] bool GuardsNothing() const {
    return enforcer_.registry().size() == 0 && networks_->size() == 0;
  }

  // The other agent finds the containers by their notes (agent/enforcer.h).
  std::string GiveUp(int client) {
    if (!enforcer_.Answer().ok() || !HandOver(client, kept_).ok()) return "no";
    end_ = WorkEnd::kDone;
    return "done";
  }

  Result<void> LookAtKeeper() {
    char word = 0;
    const bool told = read(keeper_, &word, 1) == 1;
    end_ = told ? WorkEnd::kKeeperStopped : WorkEnd::kKeeperGone;
    if (told && GuardsNothing()) end_ = WorkEnd::kDone;
    return {};
  }

  Result<void> Tick() {
    uint64_t times = 0;
    (void)!read(timer_.get(), &times, sizeof times);
    enforcer_.Tick();
    clients_.DropOld();
    supplier_.ForgetOld();
    if (calls_) calls_->Tick();
    armed_ = false;
    busy_ = !clients_.empty() || !supplier_.empty();
    return {};
  }

  // One more second after something happened; an idle agent sleeps.
  Result<void> ArmTimer() {
    if (armed_ || !busy_) return {};
    const itimerspec second{.it_interval = {}, .it_value = {.tv_sec = 1, .tv_nsec = 0}};
    if (timerfd_settime(timer_.get(), 0, &second, nullptr) != 0) {
      return ErrnoError("set a timer", errno);
    }
    armed_ = true;
    return {};
  }

  const Paths& paths_;
  const AgentOptions& options_;
  Kept& kept_;
  int keeper_;
  bool stopping_;
  Enforcer enforcer_;
  VaultHolder vault_;
  SecretSupplier supplier_;
  SecretRefresher refresher_;
  std::unique_ptr<Networks> networks_;
  UniqueFd lock_;
  UniqueFd poll_;
  UniqueFd timer_;
  Clients clients_;
  std::optional<NotifiedCalls> calls_;
  std::map<int, std::string> ends_;  // pidfds of containers, and their keys
  bool armed_ = false;
  bool busy_ = false;
  std::optional<WorkEnd> end_;
};

}  // namespace

Result<WorkEnd> Work(const Paths& paths, const AgentOptions& options, Kept& kept, Looks& looks,
                     int keeper, bool stopping) {
  Worker worker(paths, options, kept, looks, keeper, stopping);
  TRY(worker.Start());
  return worker.Run();
}

}  // namespace runward
