//! Random numbers of one simulated history.

use rand::RngExt as _;
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::SeedableRng as _;

/// The generator of one run of one study; runs are streams of the study's seed.
pub(crate) struct Draws(ChaCha8Rng);

impl Draws {
    pub(crate) fn new(study: u64, run: u64) -> Self {
        let mut random = ChaCha8Rng::seed_from_u64(study);
        random.set_stream(run);
        Self(random)
    }

    pub(crate) fn uniform(&mut self) -> f64 {
        self.0.random::<f64>()
    }

    /// A whole number below `end`.
    pub(crate) fn below(&mut self, end: u32) -> u32 {
        self.0.random_range(0..end)
    }

    /// A standard normal variable (Box and Muller 1958).
    pub(crate) fn normal(&mut self) -> f64 {
        let radius = (-2.0 * (1.0 - self.uniform()).ln()).sqrt();
        radius * (std::f64::consts::TAU * self.uniform()).cos()
    }
}
