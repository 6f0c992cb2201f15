// Samples of gamma and binomial distributions by rejection, draw for draw those of PyTorch's CPU, and the implicit
// reparameterization gradients of gamma and Dirichlet samples. Every operand is dense.
#include <cmath>
#include <iterator>
#include <numbers>

#include "elements.h"
#include "math.h"
#include "mt19937.h"
#include "parallel.h"
#include "random_normal.h"
#include "generated/dirichlet_grad.h"
#include "generated/incomplete_gamma.h"
#include "generated/random_binomial.h"
#include "generated/random_gamma.h"
#include "generated/standard_gamma_grad.h"

namespace flambeau::FLAMBEAU_ISA {
namespace {

using mt19937::draw_unit;

// G. Marsaglia and W. W. Tsang, A simple method for generating gamma variables (2000). PyTorch's constants are floats.
double draw_gamma(Generator& g, double alpha) {
  // PyTorch would draw for ever.
  if (!(alpha >= 0)) return NAN;
  double scale = 1;
  if (alpha < 1) {
    if (alpha == 0) return 0;
    scale *= std::pow(1 - draw_unit(g), 1.0 / alpha);
    alpha += 1;
  }
  const double d = alpha - static_cast<double>(1.0f / 3.0f);
  const double c = 1.0 / std::sqrt(9.0 * d);
  for (;;) {
    double x, y;
    do {
      x = draw_normal(g, 0, 1);
      y = 1.0 + c * x;
    } while (y <= 0);
    const double v = y * y * y;
    const double u = 1 - draw_unit(g);
    const double xx = x * x;
    if (u < 1.0 - static_cast<double>(0.0331f) * xx * xx) return scale * d * v;
    if (std::log(u) < 0.5 * xx + d * (1.0 - v + std::log(v))) return scale * d * v;
  }
}

double stirling_tail(double k) {
  static constexpr double tails[] = {0.0810614667953272,  0.0413406959554092,  0.0276779256849983, 0.02079067210376509,
                                     0.0166446911898211,  0.0138761288230707,  0.0118967099458917, 0.0104112652619720,
                                     0.00925546218271273, 0.00833056343336287};
  if (k < static_cast<double>(std::size(tails))) return tails[static_cast<size_t>(k)];
  const double square = (k + 1) * (k + 1);
  return (1.0 / 12 - (1.0 / 360 - 1.0 / 1260 / square) / square) / (k + 1);
}

// Counts the geometric waits that fit into the trials. T is float or double, as PyTorch's numbers are.
template <class T>
T draw_binomial_by_inversion(Generator& g, T count, T prob) {
  const double log_prob = std::log1p(-prob);
  double sum = 0;
  T successes = 0;
  for (;;) {
    sum += std::ceil(std::log(draw_unit(g)) / log_prob);
    if (sum > count) return successes;
    successes += 1;
  }
}

// W. Hoermann's transformed rejection with squeeze (BTRS, 1993).
template <class T>
T draw_binomial_by_rejection(Generator& g, T count, T prob) {
  const double deviation = std::sqrt(count * prob * (1 - prob));
  const double b = 1.15 + 2.53 * deviation;
  const double a = -0.0873 + 0.0248 * b + 0.01 * prob;
  const double c = count * prob + 0.5;
  const double accepted = 0.92 - 4.2 / b;
  const double r = prob / (1 - prob);
  const double alpha = (2.83 + 5.1 / b) * deviation;
  const double m = std::floor((count + 1) * prob);
  for (;;) {
    const double u = draw_unit(g) - 0.5;
    const double v = draw_unit(g);
    const double edge = 0.5 - std::fabs(u);
    const T k = static_cast<T>(std::floor((2 * a / edge + b) * u + c));
    if (k < 0 || k > count) continue;
    if (edge >= 0.07 && v <= accepted) return k;
    const double bound = (m + 0.5) * std::log((m + 1) / (r * (count - m + 1))) +
                         (count + 1) * std::log((count - m + 1) / (count - k + 1)) +
                         (k + 0.5) * std::log(r * (count - k + 1) / (k + 1)) + stirling_tail(m) +
                         stirling_tail(count - m) - stirling_tail(k) - stirling_tail(count - k);
    if (std::log(v * alpha / (a / (edge * edge) + b)) <= bound) return k;
  }
}

template <class T>
T draw_binomial(Generator& g, T count, T prob) {
  if (count <= 0 || prob <= 0) return 0;
  if (prob >= 1) return count;
  if (prob != prob || count != count) return T(NAN);
  const bool often = prob > T(0.5);
  const T rarer = often ? 1 - prob : prob;
  const T drawn = count * rarer >= 10 ? draw_binomial_by_rejection(g, count, rarer) : draw_binomial_by_inversion(g, count, rarer);
  return often ? count - drawn : drawn;
}

template <class T>
T or_zero(T x) {
  return std::isnan(x) ? T(0) : x;
}

// log(1 + t) - t
double log_ratio(double t) {
  if (std::fabs(t) >= 0.1) return std::log1p(t) - t;
  double power = t * t, sum = -power / 2;
  for (int k = 3; k < 40; ++k) {
    power *= -t;
    sum -= power / k;
  }
  return sum;
}

// x^a exp(-x) / Gamma(a). Near x = a both powers are taken together, since each by itself would lose what they have in common.
double gamma_density(double a, double x) {
  if (a < 10) return std::exp(a * std::log(x) - x - math::lgamma(a));
  const double difference = log_ratio((x - a) / a);
  const double r = 1 / (a * a);
  const double stirling = (1.0 / 12 - r * (1.0 / 360 - r * (1.0 / 1260 - r * (1.0 / 1680 - r * (1.0 / 1188 - r * 691.0 / 360360))))) / a;
  return std::sqrt(a / (2 * std::numbers::pi)) * std::exp(a * difference - stirling);
}

// Where a is large: Temme's expansion, uniform around x = a ("The asymptotic expansion of the incomplete gamma functions", 1979; DLMF
// 8.12.7). Its coefficients are series of eta, where eta^2 / 2 = x / a - 1 - log(x / a); further ones are below rounding from a = 1e4 on.
double incomplete_asymptotic(double a, double x, bool upper) {
  constexpr int kTerms = 14;
  constexpr double kCoefficients[3][kTerms] = {
      {-1.0 / 3, 1.0 / 12, -0.014814814814814815, 0.0011574074074074074, 3.527336860670194e-4, -1.7875514403292181e-4, 3.9192631785224378e-5,
       -2.1854485106799922e-6, -1.85406221071516e-6, 8.296711340953086e-7, -1.7665952736826079e-7, 6.7078535434014986e-9,
       1.0261809784240308e-8, -4.3820360184533532e-9},
      {-0.0018518518518518519, -0.0034722222222222222, 0.0026455026455026455, -9.9022633744855967e-4, 2.0576131687242798e-4,
       -4.0187757201646091e-7, -1.8098550334489978e-5, 7.6491609160811101e-6, -1.6120900894563446e-6, 4.6471278028074343e-9,
       1.378633446915721e-7, -5.752545603517705e-8, 1.1951628599778147e-8, -1.7543241719747648e-11},
      {0.0041335978835978836, -0.0026813271604938272, 7.7160493827160494e-4, 2.0093878600823045e-6, -1.0736653226365161e-4,
       5.2923448829120125e-5, -1.2760635188618728e-5, 3.4235787340961381e-8, 1.3721957309062933e-6, -6.298992138380055e-7,
       1.4280614206064242e-7, -2.0477098421990866e-10, -1.4092529910867521e-8, 6.228974084922022e-9}};
  const double half_square = -log_ratio((x - a) / a), exponent = a * half_square;
  const double eta = std::copysign(std::sqrt(2 * half_square), x - a);
  // Both sides have the same correction, with other signs.
  const double half = math::erfc((upper ? eta : -eta) * std::sqrt(a / 2)) / 2;
  if (exponent > 750) return half;
  double sum = 0;
  for (int k = 2; k >= 0; --k) {
    double series = 0;
    for (int i = kTerms - 1; i >= 0; --i) series = series * eta + kCoefficients[k][i];
    sum = sum / a + series;
  }
  const double correction = std::exp(-exponent) / std::sqrt(2 * std::numbers::pi * a) * sum;
  return std::fmin(std::fmax(upper ? half + correction : half - correction, 0), 1);
}

// log Gamma(1 + a), whose leading digits 1 + a would lose.
double lgamma_of_next(double a) { return a < 1 ? a * (a - 1) * math::lgamma_between(a) : math::lgamma(1 + a); }

// The part above x where both are small and the whole is nearly below: 1 - x^a / Gamma(1 + a) (1 + a sum of (-x)^n / (n! (a + n))).
double incomplete_above_small(double a, double x) {
  double power = 1, sum = 0;
  for (int n = 1; n < 40; ++n) {
    power *= -x / n;
    sum += power / (a + n);
  }
  const double exponent = a * std::log(x) - lgamma_of_next(a);
  return -std::expm1(exponent) - a * std::exp(exponent) * sum;
}

// The regularized incomplete gamma function, below or above x: a series for small x, a continued fraction (J. Lentz's
// method) for large x, both of which take the longer the larger a is.
double incomplete(double a, double x, bool upper) {
  constexpr double epsilon = 0x1p-53;
  if (!(x >= 0) || !(a >= 0) || (a == 0 && x == 0) || (std::isinf(a) && std::isinf(x))) return NAN;
  if (a == 0 || std::isinf(x)) return upper ? 0 : 1;
  if (x == 0 || std::isinf(a)) return upper ? 1 : 0;
  if (a >= 1e4) return incomplete_asymptotic(a, x, upper);
  // Where less than about a third lies above.
  if (upper && x <= 1.1 && (x <= 0.5 ? a * std::log(x) >= -0.4 : 1.1 * x >= a)) return incomplete_above_small(a, x);
  const double density = gamma_density(a, x);
  if (x < a + 1) {
    double term = 1 / a, sum = term;
    for (double n = a + 1; term > epsilon * sum; n += 1) {
      term *= x / n;
      sum += term;
    }
    const double below = std::fmin(density * sum, 1);
    return upper ? 1 - below : below;
  }
  double b = x + 1 - a, c = 0x1p1000, d = 1 / b, fraction = d;
  for (double i = 1; i < 1e7; i += 1) {
    const double factor = -i * (i - a);
    b += 2;
    d = 1 / (factor * d + b);
    c = b + factor / c;
    const double step = d * c;
    fraction *= step;
    if (std::fabs(step - 1) <= 2 * epsilon) break;
  }
  const double above = std::fmin(density * fraction, 1);
  return upper ? above : 1 - above;
}

// -(d cdf(x; alpha) / d alpha) / pdf(x; alpha) of a standard gamma distribution.
double gamma_grad(double alpha, double x) {
  if (x < static_cast<double>(0.8f)) {
    // A Taylor series for small x.
    double numer = 1, denom = alpha;
    double series1 = numer / denom, series2 = numer / (denom * denom);
    for (int i = 1; i <= 5; ++i) {
      numer *= -x / i;
      denom += 1;
      series1 += numer / denom;
      series2 += numer / (denom * denom);
    }
    const double power = std::pow(x, alpha);
    const double pdf = std::pow(x, alpha - 1) * std::exp(-x);
    const double cdf = power * series1;
    const double cdf_alpha = (std::log(x) - math::digamma(alpha)) * cdf - power * series2;
    return or_zero(-cdf_alpha / pdf);
  }
  if (alpha > 8) {
    // S. O. Rice's saddle point expansion for large alpha.
    if (static_cast<double>(0.9f) * alpha <= x && x <= static_cast<double>(1.1f) * alpha) {
      const double numer1 = 1 + 24 * alpha * (1 + 12 * alpha);
      const double numer2 = 1440 * (alpha * alpha) + 6 * x * (53 - 120 * x) - 65 * x * x / alpha + alpha * (107 + 3600 * x);
      const double denom = 1244160 * (alpha * alpha) * (alpha * alpha);
      return numer1 * numer2 / denom;
    }
    const double denom = std::sqrt(8 * alpha);
    const double term2 = denom / (alpha - x);
    const double term3 = std::pow(x - alpha - alpha * std::log(x / alpha), -1.5);
    const double term23 = x < alpha ? term2 - term3 : term2 + term3;
    const double term1 = std::log(x / alpha) * term23 - std::sqrt(2 / alpha) * (alpha + x) / ((alpha - x) * (alpha - x));
    const double stirling = 1 + 1 / (12 * alpha) * (1 + 1 / (24 * alpha));
    return -stirling * x * term1 / denom;
  }
  // A rational approximation in two variables.
  const double u = std::log(x / alpha), v = std::log(alpha);
  static constexpr double coefficients[3][8] = {
      {0.16009398, -0.094634809, 0.025146376, -0.0030648343, 1, 0.32668115, 0.10406089, 0.0014179084},
      {0.53487893, 0.1298071, 0.065735949, -0.0015649758, 0.16639465, 0.020070113, -0.0035938915, -0.00058392623},
      {0.040121004, -0.0065914022, -0.0026286047, -0.0013441777, 0.017050642, -0.0021309326, 0.00085092367, -1.5247877e-07},
  };
  double of_v[8];
  for (int i = 0; i < 8; ++i) of_v[i] = coefficients[0][i] + u * (coefficients[1][i] + u * coefficients[2][i]);
  const double p = of_v[0] + v * (of_v[1] + v * (of_v[2] + v * of_v[3]));
  const double q = of_v[4] + v * (of_v[5] + v * (of_v[6] + v * of_v[7]));
  return std::exp(p / q);
}

// The gradient of a beta sample by alpha, by a Taylor series for x near 0.
double beta_grad_alpha_small(double x, double alpha, double beta) {
  const double factor = math::digamma(alpha) - math::digamma(alpha + beta) - std::log(x);
  double numer = 1;
  double series = numer / alpha * (factor + 1 / alpha);
  for (int i = 1; i <= 10; ++i) {
    numer *= (i - beta) * x / i;
    const double denom = alpha + i;
    series += numer / denom * (factor + 1 / denom);
  }
  return or_zero(x * std::pow(1 - x, -beta) * series);
}

// The same by beta.
double beta_grad_beta_small(double x, double alpha, double beta) {
  const double factor = math::digamma(alpha + beta) - math::digamma(beta);
  double numer = 1, betas = 1, dbetas = 0, series = factor / alpha;
  for (int i = 1; i <= 8; ++i) {
    numer *= -x / i;
    dbetas = dbetas * (beta - i) + betas;
    betas = betas * (beta - i);
    series += numer / (alpha + i) * (dbetas + factor * betas);
  }
  return or_zero(-std::pow(1 - x, 1 - beta) * series);
}

// The same by alpha, by S. O. Rice's saddle point expansion where both are large.
double beta_grad_alpha_mid(double x, double alpha, double beta) {
  const double total = alpha + beta, mean = alpha / total;
  const double deviation = std::sqrt(alpha * beta / (total + 1)) / total;
  if (mean - 0.1 * deviation <= x && x <= mean + 0.1 * deviation) {
    // Away from the singularity at the mean.
    const double poly =
        47 * x * (beta * beta) * (beta * beta) +
        alpha * ((43 + 20 * (16 + 27 * beta) * x) * (beta * beta) * beta +
                 alpha * (3 * (59 + 180 * beta - 90 * x) * (beta * beta) +
                          alpha * ((453 + 1620 * beta * (1 - x) - 455 * x) * beta + alpha * (8 * (1 - x) * (135 * beta - 11)))));
    const double numer = (1 + 12 * alpha) * (1 + 12 * beta) / (total * total);
    const double denom = 12960 * alpha * alpha * alpha * beta * beta * (1 + 12 * total);
    return numer / (1 - x) * poly / denom;
  }
  const double prefactor = -x / std::sqrt(2 * alpha * beta / total);
  const double stirling = (1 + 1 / (12 * alpha) + 1 / (288 * alpha * alpha)) * (1 + 1 / (12 * beta) + 1 / (288 * beta * beta)) /
                          (1 + 1 / (12 * total) + 1 / (288 * total * total));
  const double offset = alpha * (x - 1) + beta * x;
  const double term1 = (2 * (alpha * alpha) * (x - 1) + alpha * beta * (x - 1) - x * (beta * beta)) /
                       (std::sqrt(2 * alpha / beta) * std::pow(total, 1.5) * offset * offset);
  const double term2 = 0.5 * std::log(alpha / (total * x));
  const double term3 = std::sqrt(8 * alpha * beta / total) / offset;
  const double term4 = std::pow(beta * std::log(beta / (total * (1 - x))) + alpha * std::log(alpha / (total * x)), -1.5);
  return stirling * prefactor * (term1 + term2 * (term3 + (x < mean ? term4 : -term4)));
}

// -(d cdf(x; alpha, beta) / d alpha) / pdf(x; alpha, beta) / (1 - x) of a beta distribution with alpha + beta = total.
double dirichlet_grad_of(double x, double alpha, double total) {
  const double beta = total - alpha, boundary = total * x * (1 - x);
  if (x <= 0.5 && boundary < 2.5) return beta_grad_alpha_small(x, alpha, beta);
  if (x >= 0.5 && boundary < 0.75) return -beta_grad_beta_small(1 - x, beta, alpha);
  if (alpha > 6 && beta > 6) return beta_grad_alpha_mid(x, alpha, beta);
  // A rational correction of an analytic approximation.
  static constexpr double c[2][3][3][4] = {
      {{{1.003668233, -0.01061107488, -0.0657888334, 0.01201642863},
        {0.6336835991, -0.3557432599, 0.05486251648, -0.001465281033},
        {-0.03276231906, 0.004474107445, 0.002429354597, -0.0001557569013}},
       {{0.221950385, -0.3187676331, 0.01799915743, 0.01074823814},
        {-0.2951249643, 0.06219954479, 0.01535556598, 0.001550077057},
        {0.02155310298, 0.004170831599, 0.001292462449, 6.976601077e-05}},
       {{-0.05980841433, 0.008441916499, 0.01085618172, 0.002319392565},
        {0.02911413504, 0.01400243777, -0.002721828457, 0.000751041181},
        {0.005900514878, -0.001936558688, -9.495446725e-06, 5.385558597e-05}}},
      {{{1, -0.02924021934, -0.04438342661, 0.007285809825},
        {0.6357567472, -0.3473456711, 0.05454656494, -0.002407477521},
        {-0.03301322327, 0.004845219414, 0.00231480583, -0.0002307248149}},
       {{0.5925320577, -0.1757678135, 0.01505928619, 0.000564515273},
        {0.1014815858, -0.06589186703, 0.01272886114, -0.0007316646956},
        {-0.007258481865, 0.001096195486, 0.0003934994223, -4.12701925e-05}},
       {{0.06469649321, -0.0236701437, 0.002902096474, -5.896963079e-05},
        {0.001925008108, -0.002869809258, 0.0008000589141, -6.063713228e-05},
        {-0.0003477407336, 6.959756487e-05, 1.097287507e-05, -1.650964693e-06}}},
  };
  const double u = std::log(x), a = std::log(alpha) - u, b = std::log(total) - a;
  const double powers_u[3] = {1, u, u * u}, powers_a[3] = {1, a, a * a};
  double p = 0, q = 0;
  for (int i = 0; i < 3; ++i) {
    for (int j = 0; j < 3; ++j) {
      const double ua = powers_u[i] * powers_a[j];
      p += ua * (c[0][i][j][0] + b * (c[0][i][j][1] + b * (c[0][i][j][2] + b * c[0][i][j][3])));
      q += ua * (c[1][i][j][0] + b * (c[1][i][j][1] + b * (c[1][i][j][2] + b * c[1][i][j][3])));
    }
  }
  return p / q * x * (math::digamma(total) - math::digamma(alpha)) / beta;
}

}  // namespace

Status random_gamma(const RandomGammaArguments& args) {
  Generator& g = *args.state.as<Generator>();
  const int64_t n = args.out.count();
  with_float(args.concentration.dtype, [&]<class T>(Type<T>) {
    const T* from = args.concentration.as<T>();
    T* out = args.out.as<T>();
    for (int64_t i = 0; i < n; ++i) {
      const double sample = draw_gamma(g, static_cast<double>(Element<T>::load(from[i])));
      out[i] = Element<T>::store(static_cast<typename Element<T>::Value>(sample));
    }
  });
  return Status::ok;
}

Status random_binomial(const RandomBinomialArguments& args) {
  Generator& g = *args.state.as<Generator>();
  const int64_t n = args.out.count();
  with_float(args.prob.dtype, [&]<class T>(Type<T>) {
    const T* counts = args.trials.as<T>();
    const T* probs = args.prob.as<T>();
    T* out = args.out.as<T>();
    for (int64_t i = 0; i < n; ++i) out[i] = Element<T>::store(draw_binomial(g, Element<T>::load(counts[i]), Element<T>::load(probs[i])));
  });
  return Status::ok;
}

Status incomplete_gamma(const IncompleteGammaArguments& args) {
  with_float(args.out.dtype, [&]<class T>(Type<T>) {
    const T* a = args.a.as<T>();
    const T* x = args.x.as<T>();
    T* out = args.out.as<T>();
    parallel_for(args.out.count(), 1 << 8, [&](int64_t begin, int64_t end) {
      for (int64_t i = begin; i < end; ++i) {
        const double value =
            incomplete(static_cast<double>(Element<T>::load(a[i])), static_cast<double>(Element<T>::load(x[i])), args.upper);
        out[i] = Element<T>::store(static_cast<typename Element<T>::Value>(value));
      }
    });
  });
  return Status::ok;
}

Status standard_gamma_grad(const StandardGammaGradArguments& args) {
  with_float(args.out.dtype, [&]<class T>(Type<T>) {
    const T* alpha = args.concentration.as<T>();
    const T* x = args.sample.as<T>();
    T* out = args.out.as<T>();
    parallel_for(args.out.count(), 1 << 8, [&](int64_t begin, int64_t end) {
      for (int64_t i = begin; i < end; ++i) {
        const double grad = gamma_grad(static_cast<double>(Element<T>::load(alpha[i])), static_cast<double>(Element<T>::load(x[i])));
        out[i] = Element<T>::store(static_cast<typename Element<T>::Value>(grad));
      }
    });
  });
  return Status::ok;
}

Status dirichlet_grad(const DirichletGradArguments& args) {
  with_float(args.out.dtype, [&]<class T>(Type<T>) {
    const T* x = args.sample.as<T>();
    const T* alpha = args.concentration.as<T>();
    const T* total = args.total.as<T>();
    T* out = args.out.as<T>();
    parallel_for(args.out.count(), 1 << 8, [&](int64_t begin, int64_t end) {
      for (int64_t i = begin; i < end; ++i) {
        const double grad =
            dirichlet_grad_of(static_cast<double>(Element<T>::load(x[i])), static_cast<double>(Element<T>::load(alpha[i])),
                              static_cast<double>(Element<T>::load(total[i])));
        out[i] = Element<T>::store(static_cast<typename Element<T>::Value>(grad));
      }
    });
  });
  return Status::ok;
}

}  // namespace flambeau::FLAMBEAU_ISA
