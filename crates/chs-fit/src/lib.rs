//! chs-fit

mod dense;

mod cone;
mod quadratic;

mod rows;
mod solve;

mod estimator;

pub use cone::ShareBound;
pub use estimator::{
    ConstrainedLogistic, EstimatorError, FittedConstrainedLogistic, ValidConstrainedLogistic,
};
pub use solve::{Certificate, Solution};
