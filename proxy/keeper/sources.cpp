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
constexpr std::size_t kLargestList = 16u << 20;

/// `what`: "the configuration file".
Result<std::string> read_file(const std::string& path, const std::string& what, std::size_t largest) {
  errno = 0;
  std::ifstream in(path, std::ios::binary);
  if (!in) return system_error(errno, "cannot open " + what + ' ' + path);
  std::string text;
  for (std::istreambuf_iterator<char> at(in), end; at != end; ++at) {
    if (text.size() == largest)
      return Error{Errc::invalid,
                   what + ' ' + path + " is larger than " + std::to_string(largest >> 20) + " MiB: is it one?"};
    text += *at;
  }
  if (in.bad()) return system_error(errno != 0 ? errno : EIO, "cannot read " + what + ' ' + path);
  return text;
}

Result<config::SourceText> read_text(const std::string& path) {
  if (path == "-") return config::SourceText{path, {std::istreambuf_iterator<char>(std::cin), {}}};
  Result<std::string> text = read_file(path, "the configuration file", kLargest);
  if (!text) return std::move(text).error();
  return config::SourceText{path, std::move(*text)};
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

config::Parsed parse_with_lists(const Sources& sources, std::vector<config::SourceText>& texts) {
  if (sources.words) return config::parse(*sources.words);
  std::vector<config::SourceText> lists;
  const auto read = [&lists](const std::string& path) -> Result<std::string> {
    for (const config::SourceText& list : lists)
      if (list.name == path) return list.text;
    std::error_code ignored;
    if (std::filesystem::is_directory(path, ignored))
      return Error{Errc::invalid, "failed to open pattern file <" + path + ">: it is a folder"};
    // A pipe would be waited for, and nobody could stop the program meanwhile.
    if (std::filesystem::exists(path, ignored) && !std::filesystem::is_regular_file(path, ignored))
      return Error{Errc::invalid, "failed to open pattern file <" + path + ">: it is no regular file"};
    Result<std::string> text = read_file(path, "the pattern file", kLargestList);
    if (text) lists.push_back({path, *text, true});
    return text;
  };
  config::Parsed parsed = config::parse(texts, environment, read);
  for (config::SourceText& list : lists) texts.push_back(std::move(list));
  return parsed;
}

}  // namespace kerbgate::keeper
