#include <array>
#include <cstdlib>
#include <nlohmann/json.hpp>

#include "base/json.h"
#include "policy/schema.h"
#include "policy/validate.h"
#include "tests/tools/policy_fixture.h"
#include "tools/policy_commands.h"

namespace runward {
namespace {

// Members of a profile, of a trusted key and of the whole, in turn; the others of these are good.
struct Sample {
  const char* profile = "";
  const char* key = "";
  const char* policy = "";
};
constexpr std::array<Sample, 10> kGood = {{
    {},
    {.profile = R"(,"mode":"audit","restore":"allow","verdict":{})"},
    {.profile = R"(,"verdict":{"required":true,"maxAge":"07d","warn":"deny","expired":"warn"})"},
    {.key = R"(,"notBefore":"2026-01-01","notAfter":"2026-01-01t00:00:00.5+02:00")"},
    {.key = R"(,"verifier":"https://ci.example.com/ä")"},
    {.policy = R"(,"events":{"required":false,"fdatasync":true,"rotateBytes":65536,"keep":1})"},
    {.policy = R"(,"allowUnmatched":true,"unrecorded":"allow","$schema":"./schema.json")"},
    {.policy = R"(,"events":{})"},
    {.profile = R"(,"verdict":{"expired":"grace","grace":"90s"})"},
    {.profile = R"(,"verdict":{"lapsed":{"stop":true,"grace":"1h"}})"},
}};
constexpr std::array<Sample, 26> kBad = {{
    {.profile = R"(,"network":{"egres":{}})"},
    {.profile = R"(,"mode":"Audit")"},
    {.profile = R"(,"verdict":{"maxAge":"7"})"},
    {.profile = R"(,"verdict":{"maxAge":"0d"})"},
    {.profile = R"(,"verdict":{"maxAge":7})"},
    {.profile = R"(,"verdict":{"required":"yes"})"},
    {.profile = R"(,"verdict":{"none":1})"},
    {.profile = R"(,"verdict":{"lapsed":true})"},
    {.profile = R"(,"verdict":{"lapsed":{"stop":"yes"}})"},
    {.profile = R"(,"verdict":{"lapsed":{"kill":true}})"},
    {.profile = R"(,"verdict":null)"},
    {.profile = R"(},{"name":"q","match":{"images":[]})"},
    {.profile = R"(},{"name":"q","match":{"images":[""]})"},
    {.profile = R"(},{"name":"q","match":{"chains":["sha256:12"]})"},
    {.profile = R"(},{"name":"q","match":{"rootfs":["/a/../b"]})"},
    {.profile = R"(},{"name":"q","match":{"rootfs":["a"]})"},
    {.profile = R"(},{"name":"q","match":{"rootfs":["/a/"]})"},
    {.profile = R"(},{"name":"a b","match":{})"},
    {.profile = R"(},{"match":{})"},
    {.profile = R"(},{"name":"q")"},
    {.key = R"(,"notAfter":"tomorrow")"},
    {.key = R"(,"algorithm":"rsa")"},
    {.key = R"(},{"name":"k2","key":"k")"},
    {.policy = R"(,"events":{"keep":0})"},
    {.policy = R"(,"events":{"rotateBytes":1.5})"},
    {.policy = R"(,"allow":true)"},
}};

std::string TextOf(const Sample& sample) {
  return R"({"version":1,"trust":[{"name":"k","key":"k.pub","images":["*"])" +
         std::string(sample.key) + R"(}],"profiles":[{"name":"p","match":{"images":["a/*"]})" +
         sample.profile + "}]" + sample.policy + "}";
}

bool ReaderAccepts(const std::string& text) {
  const auto document = JsonDocument::Parse(text);
  EXPECT_TRUE(document.ok()) << text;
  if (!document.ok()) return false;
  Problems problems(document.value());
  Validate(document.value(), PolicySchema(), problems);
  return problems.empty();
}

class PolicySchemaFile : public PolicyFixture {};

TEST_F(PolicySchemaFile, IsPublishedAsItIsPrinted) {
  const Output output = Run(PolicySchemaCommand);
  EXPECT_EQ(output.code, 0);
  EXPECT_EQ(output.out, PolicyJsonSchema());
  EXPECT_TRUE(Read(RUNWARD_SOURCE_DIR "/docs/policy.schema.json") == PolicyJsonSchema())
      << "runwardctl policy schema > docs/policy.schema.json";
  EXPECT_EQ(Run(PolicySchemaCommand, {"x"}).code, 2);
}

TEST_F(PolicySchemaFile, AcceptsAndRefusesAsTheReaderDoes) {
  for (const Sample& sample : kGood) EXPECT_TRUE(ReaderAccepts(TextOf(sample))) << TextOf(sample);
  for (const Sample& sample : kBad) EXPECT_FALSE(ReaderAccepts(TextOf(sample))) << TextOf(sample);
  if (std::system("python3 -c 'import jsonschema' 2>/dev/null") != 0) {
    GTEST_SKIP() << "python3-jsonschema is not installed";
  }
  std::string good;
  std::string bad;
  for (const Sample& sample : kGood) good += TextOf(sample) + "\n";
  for (const Sample& sample : kBad) bad += TextOf(sample) + "\n";
  const std::string program = Write("validate.py", R"(import json, sys
import jsonschema
schema = json.load(open(sys.argv[1]))
jsonschema.Draft202012Validator.check_schema(schema)
validator = jsonschema.Draft202012Validator(schema)
wrong = [line for line in open(sys.argv[2]) if not validator.is_valid(json.loads(line))]
wrong += [line for line in open(sys.argv[3]) if validator.is_valid(json.loads(line))]
print("".join(wrong))
sys.exit(len(wrong))
)");
  const std::string command = "python3 " + program + " " +
                              Write("schema.json", PolicyJsonSchema()) + " " + Write("good", good) +
                              " " + Write("bad", bad);
  EXPECT_EQ(std::system(command.c_str()), 0);
}

}  // namespace
}  // namespace runward
