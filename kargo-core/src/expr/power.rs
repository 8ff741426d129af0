//! Powers, bit for bit as the reference has them (rules 18): no function of the platform's is asked.

/// `x` to the power `y`, by repeated squaring over the binary exponent (rules 18).
pub(super) fn power(x: f64, y: f64) -> f64 {
    if y == 0.0 || x == 1.0 {
        return 1.0;
    }
    if y == 1.0 {
        return x;
    }
    if x.is_nan() || y.is_nan() {
        return f64::NAN;
    }
    let odd = y.abs() < 9_007_199_254_740_992.0 && y.fract() == 0.0 && (y % 2.0).abs() == 1.0;
    if x == 0.0 {
        let signed = if odd { x } else { 0.0 };
        return if y < 0.0 { 1.0 / signed } else { signed };
    }
    if y.is_infinite() {
        let grows = (x.abs() > 1.0) == (y > 0.0);
        return if x == -1.0 {
            1.0
        } else if grows {
            f64::INFINITY
        } else {
            0.0
        };
    }
    if x.is_infinite() {
        let size = if y < 0.0 { 0.0 } else { f64::INFINITY };
        return if x < 0.0 && odd { -size } else { size };
    }
    if y == 0.5 {
        return x.sqrt();
    }
    if y == -0.5 {
        return 1.0 / x.sqrt();
    }
    let whole = y.abs().trunc();
    let mut fraction = y.abs() - whole;
    if fraction != 0.0 && x < 0.0 {
        return f64::NAN;
    }
    if whole >= 9.223_372_036_854_775e18 {
        return if x == -1.0 {
            1.0
        } else if (x.abs() < 1.0) == (y > 0.0) {
            0.0
        } else {
            f64::INFINITY
        };
    }
    // The answer is `result` times two to the power of `exponent`.
    let mut whole_exponent = whole;
    let mut result = 1.0;
    let mut exponent: i64 = 0;
    if fraction != 0.0 {
        if fraction > 0.5 {
            fraction -= 1.0;
            whole_exponent += 1.0;
        }
        result = exp(fraction * ln(x));
    }
    let (mut base, first) = split(x);
    let mut base_exponent = i64::from(first);
    #[expect(clippy::cast_possible_truncation, reason = "below two to the power of 63")]
    let mut bits = whole_exponent as i64;
    while bits != 0 {
        if !(-(1 << 12)..=1 << 12).contains(&base_exponent) {
            exponent += base_exponent;
            break;
        }
        if bits & 1 == 1 {
            result *= base;
            exponent += base_exponent;
        }
        base *= base;
        base_exponent *= 2;
        if base < 0.5 {
            base += base;
            base_exponent -= 1;
        }
        bits >>= 1;
    }
    if y < 0.0 {
        result = 1.0 / result;
        exponent = -exponent;
    }
    scale(result, exponent)
}

/// Coefficients of the series of the logarithm, those of the even powers first.
const EVEN: [f64; 4] =
    [1.479_819_860_511_658_6e-1, 1.818_357_216_161_805e-1, 2.857_142_874_366_239e-1, 6.666_666_666_666_735e-1];
const ODD: [f64; 3] = [1.531_383_769_920_937_3e-1, 2.222_219_843_214_978_4e-1, 3.999_999_999_940_942e-1];

/// The natural logarithm of a positive number, as the reference computes it where most run it (amd64): each operation rounds.
///
/// The number is taken apart into `(1 + f) * 2^k` with `f` around 0, and `ln(1 + f)` follows from a series in `f / (2 + f)`.
fn ln(x: f64) -> f64 {
    // Subnormal numbers are read as if they had the leading bit; so does the reference.
    let bits = x.to_bits();
    let mut fraction = f64::from_bits(bits & ((1 << 52) - 1) | 1022 << 52);
    let mut k = f64::from(i32::try_from(bits >> 52).unwrap_or(0) - 1022);
    if fraction < std::f64::consts::FRAC_1_SQRT_2 {
        fraction *= 2.0;
        k -= 1.0;
    }
    let f = fraction - 1.0;
    let s = f / (2.0 + f);
    let (s2, s4) = (s * s, s * s * (s * s));
    let series = |coefficients: &[f64]| coefficients.iter().fold(0.0, |sum, next| sum * s4 + next);
    let rest = s2 * series(&EVEN) + s4 * series(&ODD);
    let half = 0.5 * f * f;
    // The logarithm of 2 in two parts, so that a whole multiple of the first is exact.
    let (high, low) = (6.931_471_803_691_238e-1, 1.908_214_929_270_587_7e-10);
    k * high - ((half - (s * (half + rest) + k * low)) - f)
}

/// `e` to the power `x` for `x` between -700 and 700, as the reference computes it on amd64 with fused multiplication.
///
/// A whole multiple of `ln 2` is split off, the rest divided by 16; its Taylor series to the eighth term gives `e^r - 1`, and
/// four squarings of `1 + (e^r - 1)` undo the division.
fn exp(x: f64) -> f64 {
    let exponent = (x * std::f64::consts::LOG2_E).round_ties_even();
    let (high, low) = (0.693_147_180_559_663, 2.823_529_056_303_157_7e-13);
    let r = (-exponent).mul_add(low, (-exponent).mul_add(high, x)) * 0.0625;
    let inverse_factorials = [
        1.984_126_984_126_984e-4,
        1.388_888_888_888_889e-3,
        8.333_333_333_333_333e-3,
        4.166_666_666_666_666_4e-2,
        1.666_666_666_666_666_6e-1,
        0.5,
        1.0,
    ];
    let series = inverse_factorials.iter().fold(2.480_158_730_158_73e-5, |sum: f64, next| sum.mul_add(r, *next));
    let mut less_one = r * series;
    for _ in 0..3 {
        less_one *= less_one + 2.0;
    }
    scale(less_one.mul_add(less_one + 2.0, 1.0), super::number::truncate(exponent))
}

/// `x` as a fraction from a half to below one, and an exponent of two.
fn split(x: f64) -> (f64, i32) {
    let (x, shift) = if x.abs() < f64::MIN_POSITIVE { (x * 4_503_599_627_370_496.0, -52) } else { (x, 0) };
    let bits = x.to_bits();
    let exponent = i32::try_from(bits >> 52 & 0x7ff).unwrap_or(0) - 1022;
    (f64::from_bits(bits & !(0x7ff << 52) | 1022 << 52), exponent + shift)
}

/// `x` times two to the power of `exponent`, rounded once.
pub(super) fn scale(x: f64, exponent: i64) -> f64 {
    if x == 0.0 || !x.is_finite() {
        return x;
    }
    let (fraction, own) = split(x);
    let exponent = exponent.saturating_add(i64::from(own));
    let two_to = |n: i64| f64::from_bits(u64::try_from(n + 1023).unwrap_or(0) << 52);
    if exponent > 1024 {
        return f64::INFINITY.copysign(x);
    }
    if exponent < -1080 {
        return 0.0_f64.copysign(x);
    }
    if exponent > 1000 {
        return fraction * two_to(exponent - 100) * two_to(100);
    }
    if exponent < -1000 {
        return fraction * two_to(exponent + 100) * two_to(-100);
    }
    fraction * two_to(exponent)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Rules 18: special cases, and the last bit of ordinary ones.
    #[test]
    fn powers() {
        assert_eq!(power(2.0, 10.0), 1024.0);
        assert_eq!(power(-2.0, 3.0), -8.0);
        assert_eq!(power(2.0, -1074.0), 5e-324);
        assert_eq!(power(10.0, 308.0), 1.000_000_000_000_000_6e308, "as the reference has it");
        assert_eq!(power(2.0, 1024.0), f64::INFINITY);
        assert_eq!(power(0.0, -1.0), f64::INFINITY);
        assert!(power(-8.0, 1.5).is_nan());
    }

    /// Rules 18: recorded from the reference on amd64. The last rows are of subnormal numbers, whose logarithm it misjudges.
    #[test]
    fn powers_with_fractions() {
        for (x, y, want) in [
            (188814375.03213334, 0.991555729894587, 160749629.2747719),
            (2.6218414522055113e+49, 0.016630702150780774, 6.635384961695316),
            (1.0327510855452378e-268, -0.8202498130674716, 6.53837709433838e+219),
            (7.352217811739278e-187, 1.2180241179114955, 1.9266747905878868e-227),
            (56.84681407433906, 3.4975252152815517, 1371288.8203829431),
            (89.01604475369209, 6.24280832774369, 1479642838973.0017),
            (34.94011092992436, -9.304352449403412, 4.368848251179598e-15),
            (99.3757315004444, 6.108323004940508, 1585015227710.679),
            (2.2346674875312482e-235, 0.5695942839337318, 2.209291151892662e-134),
            (6.827262138367828e-55, 0.4932116390201444, 1.926726080496918e-27),
            (225432.94392033108, 0.31182264185925823, 46.686575811947044),
            (5.8886280317928835e-269, -0.6824178121009472, 1.108970778829673e+183),
            (3.299713765911674e+258, 6.386258865711186e-14, 1.000000000038015),
            (4.604507054463725e+84, 2.625966928383412e-11, 1.0000000051191698),
            (4.7354199278876954e-212, 5.7919451627363524e-15, 0.9999999999971817),
            (1.1808580967072443e-65, 2.510598853087255e-08, 0.9999962466168272),
            (114.75, -8.1875, 1.3670198352528741e-17),
            (79.25, 10.1875, 2.2184777235814474e+19),
            (52.0, 9.8125, 6.891008877684147e+16),
            (114.875, 6.6875, 59945721872921.82),
            (2.0143378412451387e-308, -1.4993478506358096, f64::INFINITY),
            (1.8039474684486377e-308, 0.49498474375591206, 4.957448601213107e-153),
        ] {
            assert_eq!(power(x, y).to_bits(), f64::to_bits(want), "{x} ** {y}");
        }
    }
}
