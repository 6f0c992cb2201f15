/** A number that is not negative with so many digits behind the point, rounded as Python does: exactly, and halves to the even digit. */
export function exactDigits(value: number, digits: number): string {
  const { numerator, shift } = parts(value);
  const scaled = numerator * 10n ** BigInt(digits);
  const text = roundedShift(scaled, shift)
    .toString()
    .padStart(digits + 1, '0');
  if (digits === 0) return text;
  return `${text.slice(0, -digits)}.${text.slice(-digits)}`;
}

/** The same as digits of which one stands before the point, times a power of ten. */
export function exponential(value: number, digits: number): string {
  if (value === 0) return `${(0).toFixed(digits)}e+00`;
  let power = Math.floor(Math.log10(value));
  let text = '';
  for (let tries = 0; tries < 3; tries++) {
    const { numerator, shift } = parts(value);
    const scale = digits - power;
    const scaled = scale >= 0 ? numerator * 10n ** BigInt(scale) : numerator;
    const divisor = scale >= 0 ? 1n : 10n ** BigInt(-scale);
    text = roundedDivision(scaled, divisor << BigInt(Math.max(shift, 0)), shift).toString();
    if (text.length === digits + 1) break;
    power += text.length > digits + 1 ? 1 : -1;
  }
  const mantissa = digits === 0 ? text : `${text[0]}.${text.slice(1)}`;
  return `${mantissa}e${power < 0 ? '-' : '+'}${String(Math.abs(power)).padStart(2, '0')}`;
}

/** A double as a whole number divided by a power of two (or multiplied, where `shift` is negative). */
function parts(value: number): { numerator: bigint; shift: number } {
  const view = new DataView(new ArrayBuffer(8));
  view.setFloat64(0, value);
  const bits = view.getBigUint64(0);
  const exponent = Number((bits >> 52n) & 0x7ffn);
  const fraction = bits & ((1n << 52n) - 1n);
  const numerator = exponent === 0 ? fraction : fraction | (1n << 52n);
  return { numerator, shift: 1075 - Math.max(exponent, 1) };
}

function roundedShift(value: bigint, shift: number): bigint {
  return shift <= 0 ? value << BigInt(-shift) : roundedDivision(value, 1n << BigInt(shift), shift);
}

function roundedDivision(value: bigint, divisor: bigint, shift: number): bigint {
  const whole = shift < 0 ? value << BigInt(-shift) : value;
  const quotient = whole / divisor;
  const twice = (whole % divisor) * 2n;
  if (twice > divisor || (twice === divisor && quotient % 2n === 1n)) return quotient + 1n;
  return quotient;
}
