#include "policy/schema.h"

#include <algorithm>
#include <array>

#include "policy/command_schema.h"
#include "policy/image_schema.h"
#include "policy/network_schema.h"
#include "policy/run_schema.h"
#include "policy/secret_schema.h"

namespace runward {
namespace {

using std::string_view;

constexpr std::array<string_view, 2> kModes = {"audit", "enforce"};
constexpr std::array<string_view, 2> kDenyAllow = {"deny", "allow"};
constexpr std::array<string_view, 3> kLapses = {"deny", "warn", "grace"};

constexpr std::array<KeySpec, 6> kTrustKeys = {{
    {.name = "images",
     .shape = Shape::kGlob,
     .count = Count::kSome,
     .required = true,
     .help = "The names (resourceUri) that the key may vouch for; '*' is any run of characters."},
    {.name = "key",
     .shape = Shape::kFile,
     .required = true,
     .help =
         "The public key's PEM file (Ed25519 or ECDSA P-256), relative to the policy's folder."},
    {.name = "name",
     .shape = Shape::kName,
     .required = true,
     .help = "What logs and messages call the key; no two keys share one."},
    {.name = "notAfter",
     .shape = Shape::kMoment,
     .help = "Verdicts made later than this do not count; a date means its end (UTC)."},
    {.name = "notBefore",
     .shape = Shape::kMoment,
     .help = "Verdicts made earlier than this do not count; a date means its start (UTC)."},
    {.name = "verifier",
     .shape = Shape::kText,
     .help = "The only verifier.id that the key may speak for; any, when absent."},
}};
constexpr ObjectSpec kTrust = {"trusted key", "A public key, and what it may vouch for.",
                               kTrustKeys};

constexpr std::array<KeySpec, 4> kMatchKeys = {{
    {.name = "baseChains",
     .shape = Shape::kDigest,
     .count = Count::kSome,
     .help = "Chain IDs: an image whose lowest layers are one of them fits (a build's layers)."},
    {.name = "chains",
     .shape = Shape::kDigest,
     .count = Count::kSome,
     .help = "Chain IDs: an image of exactly these layers fits (a pause image)."},
    {.name = "images",
     .shape = Shape::kGlob,
     .count = Count::kSome,
     .help = "Names that a trusted verdict signs; '*' is any run of characters. A name that nobody "
             "signed chooses between profiles in audit mode only."},
    {.name = "rootfs",
     .shape = Shape::kPath,
     .count = Count::kSome,
     .help = "Absolute paths of root filesystems that may run without an image (plain bundles); "
             "'*' is any run of characters but '/'."},
}};
constexpr ObjectSpec kMatch = {
    "match", "What the profile governs: whatever fits one of the lists; everything when empty.",
    kMatchKeys};

constexpr std::array<KeySpec, 2> kLapsedKeys = {{
    {.name = "grace",
     .shape = Shape::kDuration,
     .help = "How long it runs on after that was noticed and logged, such as \"1h\"; it is stopped "
             "at once, when absent."},
    {.name = "stop",
     .shape = Shape::kBool,
     .help = "Whether it is stopped: SIGTERM, and SIGKILL ten seconds later. In audit mode it is "
             "logged and goes on.",
     .fallback = "false"},
}};
constexpr ObjectSpec kLapsed = {
    "lapsed",
    "What becomes of a running container whose image would not start any more, as its verdict has "
    "expired, failed or been revoked.",
    kLapsedKeys};

constexpr std::array<KeySpec, 6> kVerdictKeys = {{
    {.name = "expired",
     .shape = Shape::kChoice,
     .help = "What happens once a verdict has expired, by its own expiresAt or by maxAge: deny, "
             "warn (start, and say so), or grace (start and say so for the time of \"grace\").",
     .fallback = "\"deny\"",
     .choices = kLapses},
    {.name = "grace",
     .shape = Shape::kDuration,
     .help = "With \"expired\": \"grace\": how long after expiry an image still starts."},
    {.name = "lapsed",
     .shape = Shape::kObject,
     .help = "What becomes of a running container whose image would not start any more, as its "
             "verdict has expired, failed or been revoked.",
     .object = &kLapsed},
    {.name = "maxAge",
     .shape = Shape::kDuration,
     .help = "How old a verdict may be (timeVerified), such as \"7d\" or \"36h\"; no limit, when "
             "absent."},
    {.name = "required",
     .shape = Shape::kBool,
     .help = "Whether an image needs a verdict. Without, a FAILED verdict or a revocation still "
             "refuses it.",
     .fallback = "true"},
    {.name = "warn",
     .shape = Shape::kChoice,
     .help = "Whether an image whose verdict is WARN may start.",
     .fallback = "\"allow\"",
     .choices = kDenyAllow},
}};
constexpr ObjectSpec kVerdict = {"verdict", "What is asked of an image's verdict.", kVerdictKeys};

constexpr std::array<KeySpec, 10> kProfileKeys = {{
    {.name = "commands",
     .shape = Shape::kObject,
     .help = "What may be executed in a container, decided as it is executed.",
     .object = &kCommandSchema},
    {.name = "image",
     .shape = Shape::kObject,
     .help = "What an image must meet to get a verdict; evaluated from a scanner's report.",
     .object = &kImageSchema},
    {.name = "match",
     .shape = Shape::kObject,
     .required = true,
     .help = "What the profile governs; {} is everything.",
     .object = &kMatch},
    {.name = "mode",
     .shape = Shape::kChoice,
     .help = "enforce refuses; audit starts the container and logs what would have been refused.",
     .fallback = "\"enforce\"",
     .choices = kModes},
    {.name = "name",
     .shape = Shape::kName,
     .required = true,
     .help = "What logs and messages call the profile; no two profiles share one."},
    {.name = "network",
     .shape = Shape::kObject,
     .help = "Whom a container may speak with, held by the kernel.",
     .object = &kNetworkSchema},
    {.name = "restore",
     .shape = Shape::kChoice,
     .help =
         "Whether a checkpoint may be restored in enforce mode; its memory is not in the image.",
     .fallback = "\"deny\"",
     .choices = kDenyAllow},
    {.name = "run",
     .shape = Shape::kObject,
     .help = "What a container may be; what is not mentioned is not restricted.",
     .object = &kRunSchema},
    {.name = "secrets",
     .shape = Shape::kObject,
     .count = Count::kSome,
     .help = "What the containers receive from the vault.",
     .object = &kSecretSchema},
    {.name = "verdict",
     .shape = Shape::kObject,
     .help = "What is asked of the image's verdict.",
     .object = &kVerdict},
}};
constexpr ObjectSpec kProfile = {"profile", "Rules for the images that it matches.", kProfileKeys};

constexpr std::array<KeySpec, 4> kEventKeys = {{
    {.name = "fdatasync",
     .shape = Shape::kBool,
     .help = "Whether a record counts only once it is on the disk.",
     .fallback = "false"},
    {.name = "keep",
     .shape = Shape::kInteger,
     .help = "How many rotated files are kept.",
     .fallback = "16",
     .min = 1,
     .max = 10000},
    {.name = "required",
     .shape = Shape::kBool,
     .help = "Whether a container in enforce mode waits for its record: no record, no start.",
     .fallback = "true"},
    {.name = "rotateBytes",
     .shape = Shape::kInteger,
     .help = "The size at which the log's file is rotated.",
     .fallback = "67108864",
     .min = 65536,
     .max = int64_t{1} << 40},
}};
constexpr ObjectSpec kEvents = {"events", "The log of decisions.", kEventKeys};

constexpr std::array<KeySpec, 9> kPolicyKeys = {{
    {.name = "$schema", .shape = Shape::kText, .help = "The schema's address, for editors."},
    {.name = "addressGroups",
     .shape = Shape::kObject,
     .count = Count::kAny,
     .help = "Addresses under names, for rules about the network.",
     .fallback = "[]",
     .object = &kAddressGroupSchema},
    {.name = "allowUnmatched",
     .shape = Shape::kBool,
     .help = "Whether an image that no profile matches may start.",
     .fallback = "false"},
    {.name = "events",
     .shape = Shape::kObject,
     .help = "The log of decisions.",
     .object = &kEvents},
    {.name = "profiles",
     .shape = Shape::kObject,
     .count = Count::kAny,
     .required = true,
     .help = "In order: the first whose match fits governs.",
     .object = &kProfile},
    {.name = "rootless",
     .shape = Shape::kChoice,
     .help = "Whether users' own engines may start containers through runward, by this policy and "
             "their own.",
     .fallback = "\"deny\"",
     .choices = kDenyAllow},
    {.name = "trust",
     .shape = Shape::kObject,
     .count = Count::kAny,
     .help = "The keys whose verdicts count.",
     .fallback = "[]",
     .object = &kTrust},
    {.name = "unrecorded",
     .shape = Shape::kChoice,
     .help = "Whether exec, update and checkpoint may reach a container that runward did not "
             "start.",
     .fallback = "\"deny\"",
     .choices = kDenyAllow},
    {.name = "version",
     .shape = Shape::kInteger,
     .required = true,
     .help = "The version of this format.",
     .min = 1,
     .max = 1},
}};
constexpr ObjectSpec kPolicy = {"policy", "A runward policy: JSON, comments allowed.", kPolicyKeys};

}  // namespace

const ObjectSpec& PolicySchema() { return kPolicy; }

const KeySpec* FindKey(const ObjectSpec& object, string_view name) {
  const auto found = std::ranges::find(object.keys, name, &KeySpec::name);
  return found == object.keys.end() ? nullptr : &*found;
}

}  // namespace runward
