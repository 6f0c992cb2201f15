// A stable sort of pairs by their keys.
#pragma once
#include "order.h"

namespace flambeau::FLAMBEAU_ISA {

// Stable: each pair moves down past the greater ones.
template <class X>
void insertion_sort(X* a, int64_t n) {
  for (int64_t i = 1; i < n; ++i) {
    const X x = a[i];
    int64_t j = i;
    for (; j > 0 && x.key < a[j - 1].key; --j) a[j] = a[j - 1];
    a[j] = x;
  }
}

constexpr int64_t kInsertion = 16;
constexpr int64_t kMerge = 384;

// Sorts runs of 16 and merges them back and forth; returns where the result lies.
template <class X>
X* merge_sort(X* a, X* b, int64_t n) {
  for (int64_t i = 0; i < n; i += kInsertion) insertion_sort(a + i, n - i < kInsertion ? n - i : kInsertion);
  for (int64_t width = kInsertion; width < n; width *= 2) {
    for (int64_t start = 0; start < n; start += 2 * width) {
      const int64_t middle = start + width < n ? start + width : n;
      const int64_t end = start + 2 * width < n ? start + 2 * width : n;
      int64_t i = start, j = middle, o = start;
      while (i < middle && j < end) {
        // Without a branch: which side is less cannot be predicted.
        const bool right = a[j].key < a[i].key;
        b[o++] = right ? a[j] : a[i];
        j += right;
        i += !right;
      }
      while (i < middle) b[o++] = a[i++];
      while (j < end) b[o++] = a[j++];
    }
    X* t = a;
    a = b;
    b = t;
  }
  return a;
}

// Least significant byte first; bytes that all keys share take no pass.
template <class X, class K>
X* radix_sort(X* a, X* b, int64_t n) {
  constexpr int kDigits = sizeof(K);
  uint64_t counts[kDigits][256] = {};
  for (int64_t i = 0; i < n; ++i) {
    const K key = a[i].key;
    for (int d = 0; d < kDigits; ++d) ++counts[d][(key >> (8 * d)) & 255];
  }
  for (int d = 0; d < kDigits; ++d) {
    uint64_t* count = counts[d];
    if (count[(a[0].key >> (8 * d)) & 255] == static_cast<uint64_t>(n)) continue;
    uint64_t sum = 0;
    for (int v = 0; v < 256; ++v) {
      const uint64_t c = count[v];
      count[v] = sum;
      sum += c;
    }
    for (int64_t i = 0; i < n; ++i) b[count[(a[i].key >> (8 * d)) & 255]++] = a[i];
    X* t = a;
    a = b;
    b = t;
  }
  return a;
}

// Sorts by key, stably, between two buffers; returns the one that holds the result.
template <class K, class P>
Pair<K, P>* sort_pairs(Pair<K, P>* a, Pair<K, P>* b, int64_t n) {
  if (n <= kInsertion) {
    insertion_sort(a, n);
    return a;
  }
  return n < kMerge ? merge_sort(a, b, n) : radix_sort<Pair<K, P>, K>(a, b, n);
}

}  // namespace flambeau::FLAMBEAU_ISA
