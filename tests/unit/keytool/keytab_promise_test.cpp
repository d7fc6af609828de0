#include <gtest/gtest.h>

#include <filesystem>
#include <random>

#include "unit/keytool/keytab_fixture.hpp"
#include "unit/keytool/support/library_promise.hpp"
#include "unit/keytool/temporary_directory.hpp"

/// read() beside libkrb5's reader, over the fuzzer's corpus and what chance makes of it.
namespace {

namespace fs = std::filesystem;
using kerbgate::test::broken_promise;
using Octets = std::vector<std::uint8_t>;

std::vector<fs::path> corpus() {
  std::vector<fs::path> out;
  for (const auto& item : fs::directory_iterator(KERBGATE_SOURCE "/tests/fuzz/corpus/keytab_scan")) {
    out.push_back(item.path());
  }
  std::ranges::sort(out);
  return out;
}

/// One to four changes: an octet, a bit, a cut, octets taken out, octets put in, octets doubled.
Octets mutated(Octets bytes, std::mt19937& chance) {
  const auto below = [&](std::size_t n) { return static_cast<std::ptrdiff_t>(chance() % std::max<std::size_t>(n, 1)); };
  constexpr std::uint8_t kTelling[] = {0x00, 0x01, 0x02, 0x04, 0x7f, 0x80, 0xff};
  for (auto changes = 1 + below(4); changes > 0 && bytes.size() > 2; --changes) {
    // The first two octets say that it is a keytab.
    const std::ptrdiff_t at = 2 + below(bytes.size() - 2), length = 1 + below(8);
    const auto begin = bytes.begin() + at;
    const auto end = begin + std::min(length, bytes.end() - begin);
    switch (below(6)) {
      case 0:
        *begin = kTelling[below(std::size(kTelling))];
        break;
      case 1:
        *begin = static_cast<std::uint8_t>(*begin ^ 1U << below(8));
        break;
      case 2:
        bytes.erase(begin, bytes.end());
        break;
      case 3:
        bytes.erase(begin, end);
        break;
      case 4:
        bytes.insert(begin, static_cast<std::size_t>(length), kTelling[below(std::size(kTelling))]);
        break;
      default: {
        const Octets piece(begin, end);
        bytes.insert(begin, piece.begin(), piece.end());
      }
    }
  }
  return bytes;
}

TEST(KeytabPromise, HoldsOverTheCorpus) {
  const auto files = corpus();
  ASSERT_GT(files.size(), 20u);
  for (const fs::path& file : files) EXPECT_EQ(broken_promise(octets_of(file)), "") << file;
}

TEST(KeytabPromise, HoldsOverMutationsOfTheCorpus) {
  constexpr int kEach = 300;
  std::mt19937 chance(20261122);
  for (const fs::path& file : corpus()) {
    const Octets seed = octets_of(file);
    for (int i = 0; i < kEach; ++i) {
      const Octets bytes = mutated(seed, chance);
      const std::string broken = broken_promise(bytes);
      ASSERT_EQ(broken, "") << file << ", mutation " << i << ": " << testing::PrintToString(bytes);
    }
  }
}

TEST(KeytabPromise, HoldsAtEveryCut) {
  keytab_fixture::File file;
  for (const char* host : {"a", "b"}) file.add(keytab_fixture::record(host));
  for (std::size_t size = 0; size <= file.octets().size(); ++size)
    EXPECT_EQ(broken_promise(file.first(size)), "") << size;
}

}  // namespace
