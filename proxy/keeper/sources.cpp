#include "keeper/sources.hpp"

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>

namespace kerbgate::keeper {
namespace {

constexpr std::size_t kLargest = 64u << 20;

Result<config::SourceText> read_text(const std::string& path) {
  if (path == "-") return config::SourceText{path, {std::istreambuf_iterator<char>(std::cin), {}}};
  errno = 0;
  std::ifstream in(path, std::ios::binary);
  if (!in) return system_error(errno, "cannot open the configuration file " + path);
  std::string text;
  for (std::istreambuf_iterator<char> at(in), end; at != end; ++at) {
    if (text.size() == kLargest)
      return Error{Errc::invalid, "the configuration file " + path + " is larger than 64 MiB: is it one?"};
    text += *at;
  }
  if (in.bad()) return system_error(errno != 0 ? errno : EIO, "cannot read the configuration file " + path);
  return config::SourceText{path, std::move(text)};
}

Result<std::vector<std::string>> files_of(const std::string& path) {
  std::error_code failed;
  if (!std::filesystem::is_directory(path, failed)) return std::vector{path};
  std::vector<std::string> files;
  for (const auto& entry : std::filesystem::directory_iterator(path, failed))
    if (entry.path().extension() == ".cfg" && entry.path().filename().string().front() != '.')
      files.push_back(entry.path().string());
  if (failed) return system_error(failed.value(), "cannot read the configuration folder " + path);
  if (files.empty()) return Error{Errc::not_found, "the configuration folder " + path + " holds no *.cfg file"};
  std::sort(files.begin(), files.end());
  return files;
}

std::optional<std::string> environment(const std::string& name) {
  const char* value = std::getenv(name.c_str());
  return value == nullptr ? std::nullopt : std::optional<std::string>(value);
}

}  // namespace

Result<std::vector<config::SourceText>> read_texts(const Sources& sources) {
  std::vector<config::SourceText> texts;
  for (const std::string& path : sources.paths) {
    Result<std::vector<std::string>> files = files_of(path);
    if (!files) return std::move(files).error();
    for (const std::string& file : *files) {
      Result<config::SourceText> text = read_text(file);
      if (!text) return std::move(text).error();
      texts.push_back(std::move(*text));
    }
  }
  return texts;
}

config::Parsed parse(const Sources& sources, const std::vector<config::SourceText>& texts) {
  return sources.words ? config::parse(*sources.words) : config::parse(texts, environment);
}

}  // namespace kerbgate::keeper
