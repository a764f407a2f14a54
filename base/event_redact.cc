#include "base/event_redact.h"

#include <algorithm>
#include <array>

#include "base/event_token.h"

namespace runward {
namespace {

// Parts of names, compared in lower case without punctuation; sorted.
constexpr std::array<std::string_view, 19> kSecretParts = {
    "accesskey",  "accountkey",    "apikey", "authkey",    "authorization", "bearer", "cookie",
    "cred",       "encryptionkey", "jwt",    "masterkey",  "passphrase",    "passwd", "password",
    "privatekey", "pwd",           "secret", "signingkey", "token"};
// Names that are secret only as a whole.
constexpr std::array<std::string_view, 7> kSecretWords = {"auth", "key", "pass",     "passcode",
                                                          "pw",   "sig", "signature"};
// Endings of names whose value says where the secret is, not what it is.
constexpr std::array<std::string_view, 6> kPlaceEndings = {"dir",  "file", "id",
                                                           "name", "path", "ttl"};

// A client whose short flag takes a password, attached ("-px") or as the next word.
struct Client {
  std::string_view command;
  std::string_view flag;
  bool attached_only;  // "-p x" means something else
};
constexpr std::array<Client, 13> kClients = {{{"curl", "--user", false},
                                              {"curl", "-u", false},
                                              {"ldapsearch", "-w", false},
                                              {"login", "-p", false},
                                              {"mariadb", "-p", true},
                                              {"mariadb-dump", "-p", true},
                                              {"mongo", "-p", false},
                                              {"mongosh", "-p", false},
                                              {"mysql", "-p", true},
                                              {"mysqladmin", "-p", true},
                                              {"mysqldump", "-p", true},
                                              {"redis-cli", "-a", false},
                                              {"sshpass", "-p", false}}};

bool NameChar(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
         c == '-' || c == '.';
}
bool Space(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }
bool ValueEnd(char c) {
  return Space(c) || c == '&' || c == ';' || c == ',' || c == '"' || c == '\'' || c == '}' ||
         c == ')' || c == '|';
}

bool LooksLikePath(std::string_view value) {
  return value.starts_with('/') || value.starts_with("./") || value.starts_with("../");
}

// "Authorization: Bearer x": the word after the scheme is the secret.
bool AuthScheme(std::string_view word) {
  return EqualFold(word, "basic") || EqualFold(word, "bearer");
}

std::string_view Basename(std::string_view word) {
  const size_t slash = word.rfind('/');
  return slash == std::string_view::npos ? word : word.substr(slash + 1);
}

// Walks over one argument, word by word, knowing what the word before asked for.
class Redactor {
 public:
  std::string Arg(std::string_view arg);

 private:
  void Word(std::string_view word, std::string& out);
  bool Assignment(std::string_view word, std::string& out);
  bool ClientFlag(std::string_view word, std::string& out);
  void Expect(std::string_view word);

  std::string_view client_;    // command that was seen last
  bool next_secret_ = false;   // the word before was "--password"
  bool path_is_fine_ = false;  // it was "--key", whose value is often a file
  bool script_ = false;        // the word before was a shell's "-c"
};

// Whether a secret's name ends where the '=' or ':' at `at` stands, quotes apart; it begins at
// `from` at the earliest.
bool SecretBefore(std::string_view word, size_t from, size_t at) {
  size_t end = at;
  while (end > from && word[end - 1] == '"') --end;
  size_t start = end;
  while (start > from && NameChar(word[start - 1])) --start;
  return SecretName(word.substr(start, end - start));
}

// "--name=value", "NAME=value", "name: value", "\"name\":\"value\"": up to the value's end.
bool Redactor::Assignment(std::string_view word, std::string& out) {
  constexpr std::string_view kSigns = "=:";
  size_t copied = 0;
  for (size_t at = word.find_first_of(kSigns); at < word.size();
       at = word.find_first_of(kSigns, at + 1)) {
    if (!SecretBefore(word, copied, at)) continue;
    size_t value = at + 1;
    while (value < word.size() && (word[value] == '"' || word[value] == '\'')) ++value;
    if (value == word.size()) {
      next_secret_ = true;  // "Authorization:" or "password:" alone; the next word is the value
      continue;
    }
    out += word.substr(copied, value - copied);
    out += kRedacted;
    copied = value;
    while (copied < word.size() && !ValueEnd(word[copied])) ++copied;
    at = copied;
  }
  if (copied == 0) return false;
  out += RedactTokens(word.substr(copied));
  return true;
}

bool Redactor::ClientFlag(std::string_view word, std::string& out) {
  for (const Client& client : kClients) {
    if (client.command != client_ || !word.starts_with(client.flag)) continue;
    if (word.size() == client.flag.size()) {
      next_secret_ = !client.attached_only;
      continue;
    }
    if (client.flag.size() != 2) continue;
    out += client.flag;
    out += kRedacted;
    return true;
  }
  return false;
}

// What this word says about the next one.
void Redactor::Expect(std::string_view word) {
  script_ = word.size() >= 2 && word.size() <= 4 && word[0] == '-' && word.back() == 'c';
  if (AuthScheme(word)) next_secret_ = true;
  if (word.size() < 2 || word[0] != '-' || word.find('=') != std::string_view::npos) return;
  if (SecretName(word)) {
    next_secret_ = true;
    path_is_fine_ = true;
  }
}

void Redactor::Word(std::string_view word, std::string& out) {
  const bool secret = next_secret_ && !(path_is_fine_ && LooksLikePath(word));
  next_secret_ = path_is_fine_ = false;
  if (secret && !AuthScheme(word)) {
    out += kRedacted;
    return;
  }
  for (const Client& client : kClients) {
    if (Basename(word) == client.command) client_ = client.command;
  }
  Expect(word);
  if (ClientFlag(word, out) || Assignment(word, out)) return;
  out += RedactTokens(word);
}

std::string Redactor::Arg(std::string_view arg) {
  std::string out;
  const auto equals =
      static_cast<size_t>(std::find_if_not(arg.begin(), arg.end(), NameChar) - arg.begin());
  const bool whole = equals < arg.size() && arg[equals] == '=' && !script_;
  if (next_secret_ && !(path_is_fine_ && LooksLikePath(arg))) {
    next_secret_ = path_is_fine_ = false;
    return std::string(kRedacted);
  }
  if (whole && SecretName(arg.substr(0, equals))) {  // a value may hold spaces
    next_secret_ = path_is_fine_ = false;
    return std::string(arg.substr(0, equals + 1)) + std::string(kRedacted);
  }
  const size_t pem = arg.find("-----BEGIN");
  const std::string_view text = arg.substr(0, pem);
  for (size_t i = 0; i < text.size();) {
    size_t end = i;
    while (end < text.size() && Space(text[end])) ++end;
    out += text.substr(i, end - i);
    for (i = end; end < text.size() && !Space(text[end]);) ++end;
    if (end > i) Word(text.substr(i, end - i), out);
    i = end;
  }
  if (pem != std::string_view::npos) out += kRedacted;
  return out;
}

}  // namespace

bool SecretName(std::string_view name) {
  std::string plain;
  for (char c : name) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    if ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9')) plain += c;
  }
  const auto ends = [&](std::string_view end) { return plain.ends_with(end); };
  if (std::any_of(kPlaceEndings.begin(), kPlaceEndings.end(), ends)) return false;
  const auto contains = [&](std::string_view part) { return plain.find(part) != plain.npos; };
  return std::find(kSecretWords.begin(), kSecretWords.end(), plain) != kSecretWords.end() ||
         std::any_of(kSecretParts.begin(), kSecretParts.end(), contains);
}

std::vector<std::string> RedactArgs(std::span<const std::string> args) {
  std::vector<std::string> out;
  Redactor redactor;
  size_t bytes = 0;
  for (const std::string& arg : args.first(std::min(args.size(), kMaxLoggedArgs))) {
    out.push_back(redactor.Arg(std::string_view(arg).substr(0, kMaxLoggedArgBytes)));
    bytes += out.back().size();
    if (bytes > kMaxLoggedArgsBytes) break;
  }
  return out;
}

std::string EnvName(std::string_view entry) {
  const size_t equals = entry.find('=');
  if (equals != std::string_view::npos) return std::string(entry.substr(0, equals));
  return RedactTokens(entry.substr(0, kMaxLoggedArgBytes));
}

}  // namespace runward
