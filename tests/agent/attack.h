#pragma once

#include <functional>
#include <string>
#include <vector>

namespace runward::attack {

constexpr int kPayload = 42;  // what the denied code exits with
constexpr int kAllowed = 0;   // what the allowed one does

// Where the attacker, who is in the container, finds things; all of it in the image but `writable`.
struct Place {
  std::string denied = "/payload";
  std::string allowed = "/allowed";
  std::string script = "/script";  // its interpreter is `denied`
  std::string loader = "/lib64/ld-linux-x86-64.so.2";
  std::string busybox = "/bin/busybox";
  std::string applet = "false";  // denied, ends with 1
  std::string allowed_applet = "true";
  std::string word = "deny-the-word";  // that the applet "expr" may not be given
  std::string writable = "/tmp";
  std::string volume = "/volume";
  std::vector<std::string> places = {"/tmp", "/volume", "/dev", "/dev/shm"};  // to copy to
  int count = 1000;                                                           // tries of a race
};

struct Score {
  int ran = 0;
  int tries = 0;
};

struct Technique {
  const char* name;
  std::function<Score(const Place&)> use;
};

std::vector<Technique> FileTechniques();
std::vector<Technique> CallTechniques();
std::vector<Technique> MemoryTechniques();
std::vector<Technique> NamespaceTechniques();
std::vector<Technique> AppletTechniques();
std::vector<Technique> RaceTechniques();

// Runs `deed` in a child: its exit status, or -1 when it was killed.
int InChild(const std::function<void()>& deed);
// One try: whether the denied code ran, by `deed`, which executes it.
Score Once(const std::function<void()>& deed, int mark = kPayload);
// execve with no environment; returns only when it failed.
void Execute(const std::string& path, const std::vector<std::string>& argv = {"x"});
// Copies content with the execute bit; false when the place cannot be written.
bool CopyTo(const std::string& from, const std::string& to);
bool WriteScript(const std::string& path, const std::string& interpreter);
std::string Content(const std::string& path);

}  // namespace runward::attack
