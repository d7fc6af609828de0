#include "probe/http_auth.hpp"

#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <map>

#include "text_file.hpp"
#include "tls/digest.hpp"

namespace kerbgate::probe {
namespace {

std::string lower(std::string_view text) {
  std::string out(text);
  std::transform(out.begin(), out.end(), out.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
  return out;
}

struct Challenge {
  std::string scheme;                         ///< lower case
  std::map<std::string, std::string> values;  ///< by name, lower case; quotes taken off
};

/// `Digest realm="x", nonce="y", qop="auth"`: one challenge a header, as web servers send them.
Challenge read_challenge(std::string_view text) {
  Challenge out;
  const auto skip = [&text](std::string_view what) {
    text.remove_prefix(std::min(text.find_first_not_of(what), text.size()));
  };
  skip(" ");
  const std::size_t end = std::min(text.find(' '), text.size());
  out.scheme = lower(text.substr(0, end));
  text.remove_prefix(end);
  for (;;) {
    skip(" ,\t");
    const std::size_t equals = text.find('=');
    if (equals == std::string_view::npos) return out;
    const std::string name = lower(text.substr(0, text.find_first_of(" \t=")));
    text.remove_prefix(equals + 1);
    skip(" \t");
    std::string value;
    if (text.starts_with('"')) {
      text.remove_prefix(1);
      while (!text.empty() && text.front() != '"') {
        if (text.front() == '\\' && text.size() > 1) text.remove_prefix(1);
        value += text.front();
        text.remove_prefix(1);
      }
      if (!text.empty()) text.remove_prefix(1);
    } else {
      const std::size_t stop = std::min(text.find_first_of(", \t"), text.size());
      value = text.substr(0, stop);
      text.remove_prefix(stop);
    }
    out.values.emplace(name, std::move(value));
  }
}

std::string quoted(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') out += '\\';
    if (static_cast<unsigned char>(c) >= ' ') out += c;
  }
  return out + '"';
}

bool offers_auth(const std::string& qop) {
  std::string_view rest = qop;
  while (!rest.empty()) {
    const std::size_t comma = std::min(rest.find(','), rest.size());
    std::string_view word = rest.substr(0, comma);
    word.remove_prefix(std::min(word.find_first_not_of(' '), word.size()));
    if (lower(word.substr(0, word.find_last_not_of(' ') + 1)) == "auth") return true;
    rest.remove_prefix(std::min(comma + 1, rest.size()));
  }
  return false;
}

/// nullptr: not one that is known here.
const char* digest_of(const Challenge& challenge) {
  const auto given = challenge.values.find("algorithm");
  const std::string name = given == challenge.values.end() ? "md5" : lower(given->second);
  return name == "md5" ? "MD5" : name == "sha-256" ? "SHA256" : nullptr;
}

Result<std::string> digest(const Challenge& challenge, const Credentials& who, const std::string& uri,
                           const std::string& random) {
  const auto value = [&](const char* name) {
    const auto found = challenge.values.find(name);
    return found == challenge.values.end() ? std::string() : found->second;
  };
  const char* const algorithm = digest_of(challenge);
  const bool with_qop = offers_auth(value("qop"));
  const auto first = tls::hex_digest(algorithm, who.user + ':' + value("realm") + ':' + who.password);
  const auto second = tls::hex_digest(algorithm, "GET:" + uri);
  if (!first) return first.error();
  if (!second) return second.error();
  const std::string middle = with_qop ? ":00000001:" + random + ":auth:" : ":";
  const auto response = tls::hex_digest(algorithm, *first + ':' + value("nonce") + middle + *second);
  if (!response) return response.error();
  std::string out = "Digest username=" + quoted(who.user) + ", realm=" + quoted(value("realm")) +
                    ", nonce=" + quoted(value("nonce")) + ", uri=" + quoted(uri) + ", response=" + quoted(*response);
  if (challenge.values.contains("algorithm")) out += ", algorithm=" + value("algorithm");
  if (challenge.values.contains("opaque")) out += ", opaque=" + quoted(value("opaque"));
  if (with_qop) out += ", qop=auth, nc=00000001, cnonce=" + quoted(random);
  return out;
}

}  // namespace

Result<Credentials> read_credentials(const std::string& file) {
  struct stat status {};
  if (::stat(file.c_str(), &status) != 0) return system_error(errno, "read the web page's password in " + file);
  if (!S_ISREG(status.st_mode)) return Error(Errc::invalid, file + " is no regular file");
  if ((status.st_mode & 077) != 0)
    return Error(Errc::invalid, file + " may be read by others than its owner: chmod 0600 " + file);
  auto text = read_text(file);
  if (!text) return std::move(text).error();
  std::string line = text->substr(0, text->find_first_of("\r\n"));
  const std::size_t colon = line.find(':');
  if (colon == std::string::npos || colon == 0)
    return Error(Errc::invalid, file + " holds no line USER:PASSWORD for the web page");
  return Credentials{line.substr(0, colon), line.substr(colon + 1)};
}

Result<std::string> authorization(const std::vector<std::string>& challenges, const Credentials& credentials,
                                  const std::string& uri, const std::string& random) {
  std::vector<Challenge> read;
  std::string asked;
  for (const std::string& challenge : challenges) {
    read.push_back(read_challenge(challenge));
    asked += (asked.empty() ? "" : ", ") + read.back().scheme;
  }
  for (const char* const wanted : {"SHA256", "MD5"})
    for (const Challenge& challenge : read)
      if (const char* const has = challenge.scheme == "digest" ? digest_of(challenge) : nullptr;
          has != nullptr && std::string_view(has) == wanted)
        return digest(challenge, credentials, uri, random);
  for (const Challenge& challenge : read)
    if (challenge.scheme == "basic") return "Basic " + tls::base64(credentials.user + ':' + credentials.password);
  return Error(Errc::unsupported, "it asks for " + (asked.empty() ? "an unknown authentication" : asked) +
                                      ", and Basic and Digest are known here");
}

}  // namespace kerbgate::probe
