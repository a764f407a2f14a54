#include <sodium.h>

#include <charconv>

#include "tools/vault.h"

namespace runward {
namespace {

constexpr uint32_t kDefaultLength = 32;
constexpr uint32_t kLongest = 4096;

std::string_view AlphabetOf(const std::string& name) {
  constexpr std::string_view kPrintable =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.,:;!?+*/=@#%&()[]{}<>~";
  if (name == "alphanumeric") return kPrintable.substr(0, 62);
  if (name == "hex") return "0123456789abcdef";
  return name == "printable" ? kPrintable : std::string_view();
}

Result<SecretValue> RandomValue(const Options& options) {
  const std::string_view alphabet = AlphabetOf(options.Last("--alphabet", "alphanumeric"));
  if (alphabet.empty()) return Error{"--alphabet takes alphanumeric, hex or printable", ""};
  const std::string text = options.Last("--length", std::to_string(kDefaultLength));
  uint32_t length = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), length);
  if (error != std::errc{} || end != text.data() + text.size() || length < 8 || length > kLongest) {
    return Error{"--length takes 8 to 4096", ""};
  }
  SecretValue value = TRY(SecretValue::Make(length));
  for (uint32_t i = 0; i < length; ++i) {
    value.data()[i] =
        static_cast<uint8_t>(alphabet[randombytes_uniform(static_cast<uint32_t>(alphabet.size()))]);
  }
  return value;
}

// Puts and says so, in words that hold no secret.
int Store(const CommandLine& line, const VaultCall& call, const EntryName& name,
          const SecretValue& value, bool must_exist) {
  const Time now = Now();
  const auto put = [&]() -> Result<std::pair<uint32_t, uint64_t>> {
    const PutOptions options = TRY(ReadPutOptions(call.options, now));
    VaultWriter writer = TRY(VaultWriter::Open(call.path, call.key));
    const std::optional<Entry> before = TRY(writer.Look(name));
    if (must_exist && !before) {
      return Error{"there is no secret \"" + name.Text() + "\" to rotate",
                   "runwardctl vault put " + name.Text() + " stores a first one"};
    }
    const uint32_t version = TRY(writer.Put(name, value.view(), options, now));
    return std::pair(version, TRY(writer.Commit(now)));
  }();
  if (!put.ok()) return PrintError(put.error());
  const std::string version = std::to_string(put.value().first);
  Print(name.Text() + "  version " + version + "\n");
  return Finish(LogWritten(line,
                           "secret \"" + name.Text() + "\" version " + version + " was stored",
                           put.value().second));
}

Result<EntryName> PlainName(const Options& options) {
  return EntryName::Parse(options.words().front());
}

}  // namespace

int VaultPut(const CommandLine& line) {
  int code = 0;
  const auto call = BeginVault(line, "vault put", kPutFlags, {1, 1}, code);
  if (!call) return code;
  const Result<EntryName> name = PlainName(call->options);
  if (!name.ok()) return PrintError(name.error());
  const Result<SecretValue> value = ReadNewValue(call->options, name.value());
  if (!value.ok()) return PrintError(value.error());
  return Store(line, *call, name.value(), value.value(), /*must_exist=*/false);
}

int VaultRotate(const CommandLine& line) {
  std::vector<OptionSpec> flags = kPutFlags;
  flags.insert(flags.end(), {{"--length", true}, {"--alphabet", true}});
  int code = 0;
  const auto call = BeginVault(line, "vault rotate", flags, {1, 1}, code);
  if (!call) return code;
  const Result<EntryName> name = PlainName(call->options);
  if (!name.ok()) return PrintError(name.error());
  const Result<SecretValue> value = call->options.Has("--from")
                                        ? ReadNewValue(call->options, name.value())
                                        : RandomValue(call->options);
  if (!value.ok()) return PrintError(value.error());
  return Store(line, *call, name.value(), value.value(), /*must_exist=*/true);
}

}  // namespace runward
