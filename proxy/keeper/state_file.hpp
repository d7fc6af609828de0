#pragma once

#include <optional>
#include <string>
#include <vector>

#include "hs2/handles.hpp"
#include "keeper/outfit.hpp"
#include "keeper/secret_file.hpp"

namespace kerbgate::keeper {

/// The file of `kerberos state-file`: the handles of login late, for the next start, or for a proxy that takes over
/// while this one ends. 0600, replaced as one act. A file that is not of this program is never written over.
class StateFile {
 public:
  using Known = std::vector<hs2::Handles::Known>;

  /// What it holds, when it is another file than was last read or written here. What cannot be used is a notice.
  Known news(const std::string& path, std::vector<Notice>& notices);
  /// Replaces it with `mine` and `others`, the news of just now. What fails is a notice, once.
  void write(const std::string& path, Known mine, Known others, std::vector<Notice>& notices);

 private:
  std::string path_;
  FileStamp stamp_;       ///< as last read or written
  bool foreign_ = false;  ///< not ours to replace
  std::string said_;      ///< of the last failure to write
};

/// What would keep the file from being used, in words; empty: nothing. For -c.
std::string trouble_of_state_file(const std::string& path);

/// What the worker has passed on, an open file of hs2::encode's form.
Result<StateFile::Known> handles_in(int fd);

}  // namespace kerbgate::keeper
