//! Random draws: a stream per account and topic, and the few distributions that are needed.

use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;

/// What a stream is drawn for. A stream of its own per topic keeps the topics from moving each other.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Topic {
    Account,
    Life,
    Usage,
    Tickets,
    Invoices,
    Contracts,
    Surveys,
    Comments,
    Meetings,
    Outcomes,
    Vendor,
    Dirt,
}

/// One stream of draws.
#[derive(Debug)]
pub(crate) struct Draws(ChaCha8Rng);

impl Draws {
    /// The stream of an account and topic; number 0 is the portfolio's.
    pub(crate) fn new(seed: u64, account: u32, topic: Topic) -> Self {
        let mut generator = ChaCha8Rng::seed_from_u64(seed);
        generator.set_stream(u64::from(account) << 8 | topic as u64);
        Self(generator)
    }

    /// Uniform on [0, 1), a multiple of 2^-53.
    pub(crate) fn unit(&mut self) -> f64 {
        const STEP: f64 = 1.0 / (1_u64 << 53) as f64;
        (self.0.next_u64() >> 11) as f64 * STEP
    }

    pub(crate) fn chance(&mut self, probability: f64) -> bool {
        self.unit() < probability
    }

    /// Uniform over the whole numbers from `low` to `high`, both included.
    pub(crate) fn between(&mut self, low: i64, high: i64) -> i64 {
        low + whole((self.unit() * (high - low + 1) as f64).floor())
    }

    /// One of the items, each as likely; `None` if there are none.
    pub(crate) fn pick<'a, T>(&mut self, items: &'a [T]) -> Option<&'a T> {
        items.get(self.position(items.len()))
    }

    /// A position below `length`; 0 if that is 0.
    pub(crate) fn position(&mut self, length: usize) -> usize {
        let last = i64::try_from(length).unwrap_or(i64::MAX).saturating_sub(1).max(0);
        usize::try_from(self.between(0, last)).unwrap_or(0)
    }

    /// Mean 0, variance 1, close to normal: the sum of twelve uniforms less six. Additions alone, so
    /// every platform draws the same bits; tails end at 6.
    pub(crate) fn normal(&mut self) -> f64 {
        (0..12).map(|_| self.unit()).sum::<f64>() - 6.0
    }

    /// A Poisson count, by multiplying uniforms until they fall below exp(-mean); for means up to a
    /// few dozen.
    pub(crate) fn count(&mut self, mean: f64) -> i64 {
        let floor = (-mean).exp();
        let mut product = self.unit();
        let mut count = 0;
        while product > floor {
            product *= self.unit();
            count += 1;
        }
        count
    }
}

/// 1 / (1 + exp(-x)).
pub(crate) fn logistic(x: f64) -> f64 {
    1.0 / (1.0 + (-x).exp())
}

/// The nearest whole number; halves away from zero.
#[expect(clippy::cast_possible_truncation, reason = "callers draw numbers far below 2^53")]
pub(crate) fn whole(x: f64) -> i64 {
    x.round() as i64
}

/// Rounded to two decimal places.
pub(crate) fn hundredths(x: f64) -> f64 {
    (x * 100.0).round() / 100.0
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stream() -> Draws {
        Draws::new(1, 1, Topic::Life)
    }

    fn moments(values: &[f64]) -> (f64, f64) {
        let mean = values.iter().sum::<f64>() / values.len() as f64;
        let square = values.iter().map(|value| (value - mean) * (value - mean)).sum::<f64>();
        (mean, square / values.len() as f64)
    }

    #[test]
    fn streams_differ_by_seed_account_and_topic() {
        let first = |mut draws: Draws| draws.unit().to_bits();
        let one = first(stream());
        assert_eq!(one, first(stream()));
        assert_ne!(one, first(Draws::new(2, 1, Topic::Life)));
        assert_ne!(one, first(Draws::new(1, 2, Topic::Life)));
        assert_ne!(one, first(Draws::new(1, 1, Topic::Usage)));
    }

    #[test]
    fn distributions_have_their_moments() {
        let mut draws = stream();
        let normal: Vec<f64> = (0..20_000).map(|_| draws.normal()).collect();
        let (mean, variance) = moments(&normal);
        assert!(mean.abs() < 0.03 && (variance - 1.0).abs() < 0.04, "{mean} {variance}");
        let counts: Vec<f64> = (0..20_000).map(|_| draws.count(3.0) as f64).collect();
        let (mean, variance) = moments(&counts);
        assert!((mean - 3.0).abs() < 0.06 && (variance - 3.0).abs() < 0.15, "{mean} {variance}");
        assert_eq!(draws.count(0.0), 0);
    }

    #[test]
    fn ranges_are_met_and_kept() {
        let mut draws = stream();
        let dice: Vec<i64> = (0..500).map(|_| draws.between(1, 6)).collect();
        assert_eq!((dice.iter().min(), dice.iter().max()), (Some(&1), Some(&6)));
        assert_eq!(draws.pick::<i64>(&[]), None);
        assert_eq!(draws.pick(&[7]), Some(&7));
    }
}
