#include <fcntl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <atomic>
#include <cstdint>
#include <cstdlib>

/// Preloaded into a program: what its first thread takes of the heap, and gives back, is counted in the first 8 bytes
/// of the file KERBGATE_ALLOCATIONS.
extern "C" {
void* __libc_malloc(std::size_t size);
void* __libc_calloc(std::size_t count, std::size_t size);
void* __libc_realloc(void* block, std::size_t size);
void* __libc_memalign(std::size_t alignment, std::size_t size);
void __libc_free(void* block);
}

namespace {

std::atomic<std::uint64_t>* counter = nullptr;

__attribute__((constructor)) void open_counter() {
  const char* path = std::getenv("KERBGATE_ALLOCATIONS");
  const int fd = path != nullptr ? ::open(path, O_RDWR | O_CLOEXEC) : -1;
  if (fd < 0) return;
  void* const page = ::mmap(nullptr, sizeof *counter, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  ::close(fd);
  if (page != MAP_FAILED) counter = static_cast<std::atomic<std::uint64_t>*>(page);
}

void count() {
  enum class Thread : char { unknown, first, another };
  static thread_local Thread thread = Thread::unknown;
  if (counter == nullptr || thread == Thread::another) return;
  if (thread == Thread::unknown) thread = ::syscall(SYS_gettid) == ::getpid() ? Thread::first : Thread::another;
  if (thread == Thread::first) ++*counter;
}

}  // namespace

extern "C" {
void* malloc(std::size_t size) {
  count();
  return __libc_malloc(size);
}
void* calloc(std::size_t number, std::size_t size) {
  count();
  return __libc_calloc(number, size);
}
void* realloc(void* block, std::size_t size) {
  count();
  return __libc_realloc(block, size);
}
void* aligned_alloc(std::size_t alignment, std::size_t size) {
  count();
  return __libc_memalign(alignment, size);
}
void free(void* block) {
  if (block == nullptr) return;
  count();
  __libc_free(block);
}
}
