#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <exception>
#include <vector>

#include "acceptor/initiator.hpp"

/// verifications [LOGINS]: how many AP-REQs of a real KDC one thread verifies in a second, all different, by CPU time.
/// Exit status 1 when one of them is not taken.
int main(int count, char** words) try {
  using namespace kerbgate;
  using namespace kerbgate::e2e;
  const int logins = count > 1 ? std::atoi(words[1]) : 2000;
  Initiator alice;
  std::vector<Octets> tokens;
  for (int i = 0; i < logins; ++i) tokens.push_back(alice.token());
  Acceptor acceptor = alice.acceptor();
  const auto keys = alice.keys();
  const std::clock_t begin = std::clock();
  for (const Octets& token : tokens)
    if (!judged(acceptor, *keys, token).login) return std::puts("a login was not taken"), 1;
  const double seconds = double(std::clock() - begin) / CLOCKS_PER_SEC;
  std::printf("%d logins verified in %.3f s of CPU: %.0f a second, %.1f us each\n", logins, seconds, logins / seconds,
              1e6 * seconds / logins);
  return 0;
} catch (const std::exception& failure) {
  std::fprintf(stderr, "%s\n", failure.what());
  return 3;
}
