#include "net/tls/memory.hpp"

#include <malloc.h>
#include <openssl/crypto.h>

#include <array>
#include <cstdlib>

// A sanitizer has to see every block on its own.
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)

namespace kerbgate::net::tls {
namespace {

constexpr std::size_t kKeep = 64;

/// Blocks of one size, of this thread. What it holds when the thread ends is lost: threads live as long as the process.
struct Spare {
  std::array<void*, kKeep> blocks;
  std::size_t count;

  void* take(std::size_t size) { return count != 0 ? blocks[--count] : std::malloc(size); }
  bool keep(void* block) {
    if (count == kKeep) return false;
    blocks[count++] = block;
    return true;
  }
};

/// A buffer of records has 16 KiB and what TLS adds; all are made of one size, so that any serves.
constexpr std::size_t kLeastBuffer = 16 * 1024 + 1, kBuffer = 16 * 1024 + 2048;
/// What each record that is written takes while its header is put together; a size that malloc gives as it is.
constexpr std::size_t kNote = 40;
thread_local Spare buffers, notes;

void* take(std::size_t size, const char*, int) {
  if (size <= kNote) return notes.take(kNote);
  return size >= kLeastBuffer && size <= kBuffer ? buffers.take(kBuffer) : std::malloc(size);
}

void* resize(void* block, std::size_t size, const char*, int) { return std::realloc(block, size); }

void give(void* block, const char*, int) {
  if (block == nullptr) return;
  const std::size_t size = ::malloc_usable_size(block);
  const bool kept = size == kNote ? notes.keep(block) : size >= kBuffer && size < kBuffer + 64 && buffers.keep(block);
  if (!kept) std::free(block);
}

}  // namespace

void pool_record_buffers() { CRYPTO_set_mem_functions(take, resize, give); }

}  // namespace kerbgate::net::tls

#else

void kerbgate::net::tls::pool_record_buffers() {}

#endif
