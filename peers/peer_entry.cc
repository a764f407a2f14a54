#include "peers/peer_entry.h"

#include <dirent.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/file.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <climits>
#include <nlohmann/json.hpp>

#include "base/file.h"
#include "base/json.h"
#include "base/lock.h"
#include "netfilter/names.h"
#include "netfilter/special_address.h"
#include "oci/record.h"
#include "policy/container_peer.h"

namespace runward {
namespace {

using Json = nlohmann::ordered_json;

constexpr size_t kMaxBytes = size_t{1} << 20;

Json Texts(const std::vector<Address>& addresses) {
  Json list = Json::array();
  for (const Address& address : addresses) list.push_back(FormatAddress(address));
  return list;
}

Error NotOurs(std::string_view what) {
  return Error{"the entry of a container as a peer is damaged: its \"" + std::string(what) + "\"",
               "start the container again"};
}

Result<std::vector<Address>> ReadAddresses(JsonValue root, std::string_view name) {
  const JsonValue list = root.Find(name);
  if (!list.IsArray()) return NotOurs(name);
  std::vector<Address> addresses;
  for (const JsonValue text : list) {
    const auto address = ParseAddress(text.text());
    if (!address) return NotOurs(name);
    addresses.push_back(*address);
  }
  return addresses;
}

Result<PeerRule> ReadRule(JsonValue from) {
  PeerRule rule;
  rule.set4 = TRY(from.Find("set4").String());
  rule.set6 = TRY(from.Find("set6").String());
  rule.allow = TRY(from.Find("allow").Bool());
  for (const JsonValue word : from.Find("peers")) {
    const auto peer = ParseContainerPeer(word.text());
    if (!peer) return NotOurs("peers");
    rule.peers.push_back(*peer);
  }
  return rule;
}

void AddRules(const NetworkDirection& direction, Direction which, std::vector<PeerRule>& rules) {
  for (size_t i = 0; i < direction.rules.size(); ++i) {
    const NetworkRuleItem& item = direction.rules[i];
    if (item.containers.empty()) continue;
    rules.push_back({.set4 = PeerSetName(which, i, /*v6=*/false),
                     .set6 = PeerSetName(which, i, /*v6=*/true),
                     .allow = item.allow,
                     .peers = item.containers});
  }
}

std::string PathOf(const Paths& paths, const std::string& key) {
  return PeerDirectory(paths) + "/" + key;
}

}  // namespace

std::vector<PeerRule> PeerRulesOf(const NetworkRule& rule) {
  std::vector<PeerRule> rules;
  AddRules(rule.egress, Direction::kEgress, rules);
  AddRules(rule.ingress, Direction::kIngress, rules);
  return rules;
}

std::vector<Address> OwnAddresses(const std::vector<Address>& all) {
  std::vector<Address> own;
  std::ranges::copy_if(all, std::back_inserter(own),
                       [](const Address& one) { return !IsLocalAddress(one); });
  return own;
}

bool NoteAddresses(const std::vector<Address>& now, PeerEntry& entry) {
  const auto has = [](const std::vector<Address>& all, const Address& one) {
    return std::ranges::find(all, one) != all.end();
  };
  size_t news = std::erase_if(entry.own, [&](const Address& one) { return !has(now, one); });
  for (const Address& one : now) {
    if (has(entry.seen, one)) continue;
    if (entry.seen.size() >= kMostSeen) {
      news += entry.own.size();
      entry.own.clear();
      break;
    }
    entry.seen.push_back(one);
    ++news;
  }
  return news > 0;
}

std::string FormatPeerEntry(const PeerEntry& entry) {
  Json json{{"pid", entry.pid},          {"start", entry.start},     {"profile", entry.profile},
            {"image", entry.image},      {"vouched", entry.vouched}, {"alone", entry.alone},
            {"space", entry.space},      {"group", entry.group},     {"own", Texts(entry.own)},
            {"seen", Texts(entry.seen)}, {"filled", entry.filled},   {"rules", Json::array()}};
  for (const PeerRule& rule : entry.rules) {
    Json peers = Json::array();
    for (const ContainerPeer& peer : rule.peers) peers.push_back(FormatContainerPeer(peer));
    json["rules"].push_back(
        {{"set4", rule.set4}, {"set6", rule.set6}, {"allow", rule.allow}, {"peers", peers}});
  }
  return json.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n";
}

Result<PeerEntry> ParsePeerEntry(std::string text, std::string key) {
  const JsonDocument document = TRY(JsonDocument::Parse(std::move(text), {.max_depth = 5}));
  const JsonValue root = document.root();
  PeerEntry entry;
  entry.key = std::move(key);
  const int64_t pid = TRY(root.Find("pid").Int());
  const int64_t start = TRY(root.Find("start").Int());
  if (pid <= 0 || pid > INT_MAX || start < 0) return NotOurs("pid");
  entry.pid = static_cast<pid_t>(pid);
  entry.start = static_cast<uint64_t>(start);
  entry.profile = TRY(root.Find("profile").String());
  entry.image = TRY(root.Find("image").String());
  entry.vouched = TRY(root.Find("vouched").Bool());
  entry.alone = TRY(root.Find("alone").Bool());
  // Without them, as an older one's, it shares its network with nobody known.
  if (const JsonValue space = root.Find("space")) {
    entry.space = static_cast<uint64_t>(TRY(space.Int()));
  }
  if (const JsonValue group = root.Find("group")) entry.group = TRY(group.String());
  entry.own = TRY(ReadAddresses(root, "own"));
  entry.seen = TRY(ReadAddresses(root, "seen"));
  entry.filled = TRY(root.Find("filled").String());
  for (const JsonValue rule : root.Find("rules")) entry.rules.push_back(TRY(ReadRule(rule)));
  return entry;
}

std::string PeerDirectory(const Paths& paths) { return paths.run + "/peers"; }

Result<UniqueFd> LockPeers(const Paths& paths, int milliseconds) {
  const std::string path = PeerDirectory(paths);
  TRY(MakeDirectories(path, /*secret=*/true));
  UniqueFd fd(open(path.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
  if (!fd.valid()) return ErrnoError("open \"" + path + "\"", errno);
  if (LockWithin(fd.get(), LOCK_EX, milliseconds)) return fd;
  if (errno != EWOULDBLOCK) return ErrnoError("lock \"" + path + "\"", errno);
  return Error{"\"" + path + "\", what containers are to each other, stayed locked",
               "find the process that holds the lock: fuser " + path};
}

// One that waits for its parent to notice its end has ended.
bool Lives(const PeerEntry& entry) {
  const UniqueFd process(static_cast<int>(syscall(SYS_pidfd_open, entry.pid, 0)));
  pollfd ended{.fd = process.get(), .events = POLLIN, .revents = 0};
  return process.valid() && StartTimeOf(entry.pid) == entry.start && poll(&ended, 1, 0) == 0;
}

Result<void> WritePeerEntry(const Paths& paths, const PeerEntry& entry) {
  return WriteFileAtomic(PathOf(paths, entry.key), FormatPeerEntry(entry), 0600, /*sync=*/false);
}

Result<PeerEntry> ReadPeerEntry(const Paths& paths, const std::string& key) {
  std::string text = TRY(ReadFileCapped(PathOf(paths, key), kMaxBytes, Trust::kOwner));
  return ParsePeerEntry(std::move(text), key);
}

Result<std::vector<PeerEntry>> ReadPeerEntries(const Paths& paths, bool* ended) {
  std::vector<PeerEntry> entries;
  const std::string path = PeerDirectory(paths);
  const CHandle<DIR, closedir> files(opendir(path.c_str()));
  if (files == nullptr && errno == ENOENT) return entries;
  if (files == nullptr) return ErrnoError("read \"" + path + "\"", errno);
  while (const dirent* file = readdir(files.get())) {
    const std::string key = file->d_name;
    // Another name is a file that is being written.
    constexpr size_t kKeySize = 64;
    if (key.size() != kKeySize) continue;
    PeerEntry entry = TRY(ReadPeerEntry(paths, key));
    if (Lives(entry)) {
      entries.push_back(std::move(entry));
    } else {
      unlink(PathOf(paths, key).c_str());
      if (ended != nullptr) *ended = true;
    }
  }
  return entries;
}

}  // namespace runward
