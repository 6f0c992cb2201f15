// Selection and sorting that are not stable, step by step as in GCC's <algorithm>: PyTorch's topk, median and mode are built on
// it, and which of several equal elements they name, and in which order, follows from those steps alone. WebAssembly's own library
// takes others. Names are those of D. Musser's "Introspective sorting and selection algorithms" (1997).
#pragma once
#include "pair_sort.h"

namespace flambeau::FLAMBEAU_ISA {

constexpr int64_t kIntrosortThreshold = 16;

template <class X>
inline bool less(const X& a, const X& b) { return a.key < b.key; }

template <class X>
inline void swap_pairs(X& a, X& b) {
  const X t = a;
  a = b;
  b = t;
}

// Lets `value` sink from the hole to a leaf, then rise to its place: a heap with the greatest on top.
template <class X>
void adjust_heap(X* heap, int64_t hole, int64_t n, X value) {
  const int64_t top = hole;
  int64_t child = hole;
  while (child < (n - 1) / 2) {
    child = 2 * (child + 1);
    if (less(heap[child], heap[child - 1])) --child;
    heap[hole] = heap[child];
    hole = child;
  }
  if ((n & 1) == 0 && child == (n - 2) / 2) {
    child = 2 * child + 1;
    heap[hole] = heap[child];
    hole = child;
  }
  for (int64_t parent = (hole - 1) / 2; hole > top && less(heap[parent], value); parent = (hole - 1) / 2) {
    heap[hole] = heap[parent];
    hole = parent;
  }
  heap[hole] = value;
}

// Brings the k least of n to the front, as a heap.
template <class X>
void heap_select(X* a, int64_t k, int64_t n) {
  for (int64_t parent = (k - 2) / 2; k >= 2 && parent >= 0; --parent) adjust_heap(a, parent, k, a[parent]);
  for (int64_t i = k; i < n; ++i) {
    if (!less(a[i], a[0])) continue;
    const X value = a[i];
    a[i] = a[0];
    adjust_heap(a, int64_t{0}, k, value);
  }
}

template <class X>
void sort_heap(X* a, int64_t n) {
  for (; n > 1; --n) {
    const X value = a[n - 1];
    a[n - 1] = a[0];
    adjust_heap(a, int64_t{0}, n - 1, value);
  }
}

template <class X>
void partial_sort(X* a, int64_t k, int64_t n) {
  heap_select(a, k, n);
  sort_heap(a, k);
}

// Splits [first, last) at a median of three, which goes to the front; returns where the right part begins.
template <class X>
int64_t partition_pivot(X* a, int64_t first, int64_t last) {
  X& pivot = a[first];
  X &low = a[first + 1], &middle = a[first + (last - first) / 2], &high = a[last - 1];
  if (less(low, middle)) {
    if (less(middle, high)) swap_pairs(pivot, middle);
    else if (less(low, high)) swap_pairs(pivot, high);
    else swap_pairs(pivot, low);
  } else if (less(low, high)) {
    swap_pairs(pivot, low);
  } else if (less(middle, high)) {
    swap_pairs(pivot, high);
  } else {
    swap_pairs(pivot, middle);
  }
  for (int64_t i = first + 1, j = last;; ++i) {
    while (less(a[i], pivot)) ++i;
    --j;
    while (less(pivot, a[j])) --j;
    if (i >= j) return i;
    swap_pairs(a[i], a[j]);
  }
}

inline int depth_limit(int64_t n) {
  int depth = 0;
  for (; n > 1; n >>= 1) depth += 2;
  return depth;
}

// Brings the element that would be at `nth` in order there, what is not greater before it.
template <class X>
void nth_element(X* a, int64_t nth, int64_t n) {
  if (nth >= n) return;
  int64_t first = 0, last = n;
  for (int depth = depth_limit(n); last - first > 3; --depth) {
    if (depth == 0) {
      heap_select(a + first, nth + 1 - first, last - first);
      swap_pairs(a[first], a[nth]);
      return;
    }
    const int64_t cut = partition_pivot(a, first, last);
    if (cut <= nth) first = cut;
    else last = cut;
  }
  insertion_sort(a + first, last - first);
}

template <class X>
void introsort_loop(X* a, int64_t first, int64_t last, int depth) {
  for (; last - first > kIntrosortThreshold; --depth) {
    if (depth == 0) {
      partial_sort(a + first, last - first, last - first);
      return;
    }
    const int64_t cut = partition_pivot(a, first, last);
    introsort_loop(a, cut, last, depth - 1);
    last = cut;
  }
}

template <class X>
void introsort(X* a, int64_t n) {
  introsort_loop(a, 0, n, depth_limit(n));
  insertion_sort(a, n);
}

}  // namespace flambeau::FLAMBEAU_ISA
