// The passes that Fourier transforms are made of. Many lines are transformed at once, a lane of the vectors each: a point of them all is a row, of
// real and of imaginary parts apart, so that no pass shuffles.
//
// A pass takes out one factor of the length, as Stockham's algorithm does (Cochran et al., "What is the fast Fourier transform?", 1967): results come
// in order, and every pass reads and writes along memory.
#pragma once
#include "elements.h"
#include "tile.h"

namespace flambeau::FLAMBEAU_ISA {

// Numbers as two rows of parts.
template <class T>
struct Split {
  T *re, *im;
  Split at(int64_t offset) const { return {re + offset, im + offset}; }
  Split swapped() const { return {im, re}; }
};

template <class T>
struct ComplexVector {
  Vector<T> re, im;

  friend FLAMBEAU_INLINE ComplexVector operator+(ComplexVector a, ComplexVector b) { return {a.re + b.re, a.im + b.im}; }
  friend FLAMBEAU_INLINE ComplexVector operator-(ComplexVector a, ComplexVector b) { return {a.re - b.re, a.im - b.im}; }
  friend FLAMBEAU_INLINE ComplexVector operator*(ComplexVector a, ComplexVector b) {
    return {multiply_add(-a.im, b.im, a.re * b.re), multiply_add(a.re, b.im, a.im * b.re)};
  }
  // -i a
  FLAMBEAU_INLINE ComplexVector turned() const { return {im, -re}; }
};

template <class T>
FLAMBEAU_INLINE ComplexVector<T> load_pair(Split<T> from) { return {load(from.re), load(from.im)}; }
template <class T>
FLAMBEAU_INLINE void store_pair(Split<T> to, ComplexVector<T> v) {
  store<T>(to.re, v.re);
  store<T>(to.im, v.im);
}
template <class T>
FLAMBEAU_INLINE ComplexVector<T> splat_pair(const T* number) { return {splat(number[0]), splat(number[1])}; }

// cos and sin of 2π j / R.
template <int R> struct Circle;
template <> struct Circle<3> { static constexpr double cosine[] = {-0.5}, sine[] = {0.8660254037844386467637}; };
template <> struct Circle<5> {
  static constexpr double cosine[] = {0.3090169943749474241023, -0.8090169943749474241023}, sine[] = {0.9510565162951535721164, 0.5877852522924731291687};
};
template <> struct Circle<7> {
  static constexpr double cosine[] = {0.6234898018587335305250, -0.2225209339563144042890, -0.9009688679024191262361},
                          sine[] = {0.7818314824680298087084, 0.9749279121818236070181, 0.4338837391175581204758};
};

// Replaces R points by their transform.
template <class T>
FLAMBEAU_INLINE void transform2(ComplexVector<T>& a, ComplexVector<T>& b) {
  const ComplexVector<T> sum = a + b;
  b = a - b;
  a = sum;
}
template <class T>
FLAMBEAU_INLINE void transform4(ComplexVector<T>& a, ComplexVector<T>& b, ComplexVector<T>& c, ComplexVector<T>& d) {
  const ComplexVector<T> even = a + c, odd = a - c, sum = b + d, turned = (b - d).turned();
  a = even + sum;
  b = odd + turned;
  c = even - sum;
  d = odd - turned;
}
template <class T, int R>
FLAMBEAU_INLINE void transform(ComplexVector<T> (&a)[R]) {
  if constexpr (R == 2) {
    transform2(a[0], a[1]);
  } else if constexpr (R == 4) {
    transform4(a[0], a[1], a[2], a[3]);
  } else if constexpr (R == 8) {
    const Vector<T> half = splat(T(0.7071067811865475244));
    transform4(a[0], a[2], a[4], a[6]);
    transform4(a[1], a[3], a[5], a[7]);
    const ComplexVector<T> p = a[3], q = a[7];
    a[3] = {(p.re + p.im) * half, (p.im - p.re) * half};
    a[5] = a[5].turned();
    a[7] = {(q.im - q.re) * half, -(q.re + q.im) * half};
    transform2(a[0], a[1]);
    transform2(a[2], a[3]);
    transform2(a[4], a[5]);
    transform2(a[6], a[7]);
    const ComplexVector<T> results[] = {a[0], a[2], a[4], a[6], a[1], a[3], a[5], a[7]};
    FLAMBEAU_UNROLL
    for (int k = 0; k < 8; ++k) a[k] = results[k];
  } else {
    constexpr int half = R / 2;
    ComplexVector<T> sum[half], difference[half];
    const ComplexVector<T> first = a[0];
    FLAMBEAU_UNROLL
    for (int j = 0; j < half; ++j) {
      sum[j] = a[j + 1] + a[R - 1 - j];
      difference[j] = a[j + 1] - a[R - 1 - j];
      a[0] = a[0] + sum[j];
    }
    FLAMBEAU_UNROLL
    for (int k = 1; k <= half; ++k) {
      ComplexVector<T> even = first, odd{};
      FLAMBEAU_UNROLL
      for (int j = 1; j <= half; ++j) {
        const int turn = j * k % R;
        const Vector<T> c = splat(T(Circle<R>::cosine[(turn <= half ? turn : R - turn) - 1]));
        const T s = T(Circle<R>::sine[(turn <= half ? turn : R - turn) - 1]);
        const Vector<T> signed_s = splat(turn <= half ? s : -s);
        even = {multiply_add(c, sum[j - 1].re, even.re), multiply_add(c, sum[j - 1].im, even.im)};
        odd = {multiply_add(signed_s, difference[j - 1].re, odd.re), multiply_add(signed_s, difference[j - 1].im, odd.im)};
      }
      a[k] = even + odd.turned();
      a[R - k] = even - odd.turned();
    }
  }
}

// Where passes find numbers, and where they leave them: rows.
template <class T>
struct FromRows {
  Split<T> rows;
  FLAMBEAU_INLINE ComplexVector<T> operator()(int64_t offset) const { return load_pair(rows.at(offset)); }
};
template <class T>
struct ToRows {
  Split<T> rows;
  FLAMBEAU_INLINE void operator()(int64_t offset, ComplexVector<T> v) const { store_pair(rows.at(offset), v); }
};

// Takes the factor R out of lines of R `rest` points, of which `width` lie side by side. Twiddles: R - 1 numbers for each of `rest`.
template <class T, int R, class From, class To>
FLAMBEAU_TILE_LOOP void pass(const From& from, const To& to, int64_t rest, int64_t width, const T* twiddles) {
  for (int64_t p = 0; p < rest; ++p, twiddles += 2 * (R - 1)) {
    for (int64_t q = 0; q < width; q += kLanes<T>) {
      ComplexVector<T> a[R];
      FLAMBEAU_UNROLL
      for (int j = 0; j < R; ++j) a[j] = from((p + rest * j) * width + q);
      transform<T, R>(a);
      to(R * p * width + q, a[0]);
      FLAMBEAU_UNROLL
      for (int k = 1; k < R; ++k) to((R * p + k) * width + q, rest == 1 ? a[k] : a[k] * splat_pair(twiddles + 2 * (k - 1)));
    }
  }
}

constexpr int kLargestFactor = 31;

// The same for any odd factor. `circle` has cos and sin of 2π j / radix for all j.
template <class T>
void pass_of_any(int radix, Split<T> from, Split<T> to, int64_t rest, int64_t width, const T* twiddles, const T* circle) {
  const int half = radix / 2;
  for (int64_t p = 0; p < rest; ++p, twiddles += 2 * (radix - 1)) {
    for (int64_t q = 0; q < width; q += kLanes<T>) {
      ComplexVector<T> sum[kLargestFactor / 2], difference[kLargestFactor / 2];
      const ComplexVector<T> first = load_pair(from.at(p * width + q));
      ComplexVector<T> total = first;
      for (int j = 1; j <= half; ++j) {
        const ComplexVector<T> a = load_pair(from.at((p + rest * j) * width + q)), b = load_pair(from.at((p + rest * (radix - j)) * width + q));
        sum[j - 1] = a + b;
        difference[j - 1] = a - b;
        total = total + sum[j - 1];
      }
      const Split<T> row = to.at(radix * p * width + q);
      store_pair(row, total);
      for (int k = 1; k <= half; ++k) {
        ComplexVector<T> even = first, odd{};
        for (int j = 1, turn = k; j <= half; ++j) {
          const Vector<T> c = splat(circle[2 * turn]), s = splat(circle[2 * turn + 1]);
          even = {multiply_add(c, sum[j - 1].re, even.re), multiply_add(c, sum[j - 1].im, even.im)};
          odd = {multiply_add(s, difference[j - 1].re, odd.re), multiply_add(s, difference[j - 1].im, odd.im)};
          turn += k;
          if (turn >= radix) turn -= radix;
        }
        store_pair(row.at(k * width), (even + odd.turned()) * splat_pair(twiddles + 2 * (k - 1)));
        store_pair(row.at((radix - k) * width), (even - odd.turned()) * splat_pair(twiddles + 2 * (radix - k - 1)));
      }
    }
  }
}

}  // namespace flambeau::FLAMBEAU_ISA
