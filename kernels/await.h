// Waiting for another piece of the same job; parallel.cc has it.
#pragma once
#include <atomic>

namespace flambeau {

// Waits until `word` is `least` or more, which another piece says by parallel_tell.
void parallel_await(std::atomic<int>& word, int least);
void parallel_tell(std::atomic<int>& word, int value);

}  // namespace flambeau
