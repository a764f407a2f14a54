// A denied applet of busybox, which is not a file of its own. It "ran" when it ended with 1.
#include <unistd.h>

#include "tests/agent/attack.h"

namespace runward::attack {
namespace {

constexpr int kFalse = 1;

Score ByArguments(const Place& place, const std::vector<std::string>& argv) {
  return Once([&] { Execute(place.busybox, argv); }, kFalse);
}

Score Applet(const Place& place) { return ByArguments(place, {"busybox", place.applet}); }
Score Twice(const Place& place) {
  return ByArguments(place, {"busybox", "busybox", "/x/busybox", place.applet});
}
Score Name(const Place& place) { return ByArguments(place, {place.applet}); }
Score Login(const Place& place) { return ByArguments(place, {"-" + place.applet}); }
Score LongPath(const Place& place) {
  return ByArguments(place, {std::string(3000, '/') + place.applet});
}
Score ByEnv(const Place& place) { return ByArguments(place, {"env", place.applet}); }
Score ByShell(const Place& place) {
  return ByArguments(place, {"sh", "-c", "exec -a " + place.applet + " " + place.busybox});
}
Score BySetsid(const Place& place) {
  return ByArguments(place, {"setsid", place.busybox, place.applet});
}

Score Link(const Place& place) {
  std::string path = place.writable + "/" + place.applet;
  unlink(path.c_str());
  (void)!symlink(place.busybox.c_str(), path.c_str());
  return Once([&] { Execute(path, {path}); }, kFalse);
}

Score OtherLink(const Place& place) {
  std::string path = place.writable + "/innocent";
  unlink(path.c_str());
  (void)!symlink(place.busybox.c_str(), path.c_str());
  return Once([&] { Execute(path, {place.applet}); }, kFalse);
}

}  // namespace

std::vector<Technique> AppletTechniques() {
  return {{"applet", Applet},        {"applet-twice", Twice},
          {"applet-argv0", Name},    {"applet-login", Login},
          {"applet-long", LongPath}, {"applet-env", ByEnv},
          {"applet-shell", ByShell}, {"applet-setsid", BySetsid},
          {"applet-link", Link},     {"applet-other-link", OtherLink}};
}

}  // namespace runward::attack
