//! Tests that several coefficients of a logistic regression are zero at once.

use crate::cholesky::Cholesky;
use crate::distributions::f_upper_tail;
use crate::{LogisticFit, Undefined};

/// A test that some coefficients are all zero.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct WaldTest {
    /// `b' V^-1 b` over the number of coefficients: an F variable when they are zero.
    pub statistic: f64,
    /// Number of coefficients.
    pub numerator_degrees: usize,
    /// Number of accounts less one.
    pub denominator_degrees: usize,
    /// Probability of a larger statistic.
    pub p_value: f64,
}

impl LogisticFit {
    /// Account-clustered Wald test that the coefficients at `terms` (0 is the intercept) are all zero.
    ///
    /// F with as many degrees of freedom as terms, and G - 1: with few accounts the chi-square
    /// distribution would reject too often. Reference: R `lmtest::waldtest(vcov = vcovCL, test = "F")`,
    /// with G - 1 in place of the residual degrees of freedom.
    ///
    /// # Errors
    /// [`Undefined::FewAccounts`] without more accounts than terms; [`Undefined::Collinear`] when the
    /// covariance of the terms is singular all the same.
    ///
    /// # Panics
    /// Without terms, and when a term is not among the coefficients.
    pub fn wald(&self, terms: &[usize]) -> Result<WaldTest, Undefined> {
        assert!(!terms.is_empty(), "a test needs a term");
        if self.accounts <= terms.len() {
            return Err(Undefined::FewAccounts { accounts: self.accounts, terms: terms.len() });
        }
        let of_terms = |row: &usize| terms.iter().map(|&k| self.covariance[*row][k]).collect();
        let covariance: Vec<Vec<f64>> = terms.iter().map(of_terms).collect();
        let coefficients: Vec<f64> = terms.iter().map(|&term| self.coefficients[term]).collect();
        let solved = Cholesky::of(&covariance)?.solve(&coefficients);
        let square: f64 = solved.iter().zip(&coefficients).map(|(s, b)| s * b).sum();
        let (numerator, denominator) = (terms.len(), self.accounts - 1);
        let statistic = square / numerator as f64;
        Ok(WaldTest {
            statistic,
            numerator_degrees: numerator,
            denominator_degrees: denominator,
            p_value: f_upper_tail(statistic, numerator as f64, denominator as f64),
        })
    }
}

#[cfg(test)]
mod tests {
    use crate::{LogisticRows, Undefined, logistic};

    fn rows(cluster: &[u32]) -> LogisticRows<'_> {
        LogisticRows {
            columns: &[&[0.0, 1.0, 2.0, 3.0, 4.0, 5.0]],
            label: &[false, true, false, true, false, true],
            cluster,
            offset: None,
            weights: None,
        }
    }

    #[test]
    fn a_wald_test_of_one_term_is_its_squared_t() {
        let fit = logistic(&rows(&[0, 1, 2, 3, 4, 5])).unwrap();
        let test = fit.wald(&[1]).unwrap();
        let t = fit.coefficients[1] / fit.standard_errors()[1];
        assert!((test.statistic - t * t).abs() < 1e-12);
        assert_eq!((test.numerator_degrees, test.denominator_degrees), (1, 5));
        assert!(test.p_value > 0.05 && test.p_value < 1.0);
        let both = fit.wald(&[0, 1]).unwrap();
        assert!(both.statistic > 0.0 && both.numerator_degrees == 2);
        // Two accounts carry one direction, not two.
        let few = logistic(&rows(&[0, 0, 0, 1, 1, 1])).unwrap();
        assert_eq!(few.wald(&[0, 1]), Err(Undefined::FewAccounts { accounts: 2, terms: 2 }));
        assert!(few.wald(&[1]).is_ok());
    }
}
