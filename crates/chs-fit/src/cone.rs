//! What coefficients may be: none below zero, and shares within their bounds.

use crate::dense::dot;

/// Bounds of the share that some coefficients have of the sum of all.
#[derive(Clone, Debug, PartialEq)]
pub struct ShareBound {
    /// Indices of the coefficients, each once.
    pub members: Vec<usize>,
    /// Smallest share, 0 to 1.
    pub at_least: f64,
    /// Largest share, 0 to 1; equal to the smallest where the share is fixed.
    pub at_most: f64,
}

impl ShareBound {
    fn is_fixed(&self) -> bool {
        self.at_most <= self.at_least
    }

    /// Coefficients of `sum(members) - share * sum(all)`.
    fn excess(&self, share: f64, width: usize) -> Vec<f64> {
        let own = |index| f64::from(u8::from(self.members.contains(&index)));
        (0..width).map(|index| own(index) - share).collect()
    }
}

/// Some coefficients whose share is at least that of some others.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ShareOrder {
    /// Indices of the coefficients with at least as much in sum, each once.
    pub larger: Vec<usize>,
    /// Indices of the others.
    pub smaller: Vec<usize>,
}

/// Everything that is asked of shares.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Shares {
    pub(crate) bounds: Vec<ShareBound>,
    pub(crate) orders: Vec<ShareOrder>,
}

impl Shares {
    /// The coefficients that keep them.
    pub(crate) fn cone(&self, width: usize) -> Cone {
        let mut cone = Cone::new(width, &self.bounds);
        let inequalities = cone.conditions.iter().take_while(|own| !own.is_equality).count();
        let sign = |own: &[usize], index: usize| f64::from(u8::from(own.contains(&index)));
        let orders = self.orders.iter().map(|order| {
            let normal = |index| sign(&order.larger, index) - sign(&order.smaller, index);
            Condition::at_least_zero((0..width).map(normal).collect())
        });
        cone.conditions.splice(inequalities..inequalities, orders);
        cone
    }

    /// The same with one coefficient's share fixed, whatever was asked of it alone.
    pub(crate) fn with_fixed(&self, index: usize, share: f64) -> Self {
        let mut shares = self.clone();
        shares.bounds.retain(|own| own.members.as_slice() != [index]);
        let members = vec![index];
        shares.bounds.push(ShareBound { members, at_least: share, at_most: share });
        shares
    }
}

/// One linear condition on the coefficients.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Condition {
    pub(crate) normal: Vec<f64>,
    /// Whether `normal . b` is 0, rather than 0 or more.
    pub(crate) is_equality: bool,
    /// The coefficient that it keeps from falling below zero, where it is nothing else.
    pub(crate) sign_of: Option<usize>,
}

impl Condition {
    fn at_least_zero(normal: Vec<f64>) -> Self {
        Self { normal, is_equality: false, sign_of: None }
    }
}

/// The coefficients that are allowed: a convex cone, since every condition is homogeneous.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Cone {
    pub(crate) width: usize,
    /// Inequalities first.
    pub(crate) conditions: Vec<Condition>,
}

impl Cone {
    pub(crate) fn new(width: usize, shares: &[ShareBound]) -> Self {
        let fixed = |index: usize| {
            shares.iter().any(|share| share.is_fixed() && share.members.as_slice() == [index])
        };
        let mut conditions = Vec::new();
        // A fixed share follows the sum of all, so that the sum's sign stands for its own.
        for index in (0..width).filter(|index| !fixed(*index)) {
            let mut normal = vec![0.0; width];
            normal[index] = 1.0;
            conditions.push(Condition { sign_of: Some(index), ..Condition::at_least_zero(normal) });
        }
        if (0..width).any(fixed) {
            conditions.push(Condition::at_least_zero(vec![1.0; width]));
        }
        for share in shares.iter().filter(|share| !share.is_fixed()) {
            if share.at_least > 0.0 {
                conditions.push(Condition::at_least_zero(share.excess(share.at_least, width)));
            }
            if share.at_most < 1.0 {
                let excess = share.excess(share.at_most, width);
                conditions
                    .push(Condition::at_least_zero(excess.iter().map(|value| -value).collect()));
            }
        }
        for share in shares.iter().filter(|share| share.is_fixed()) {
            let normal = share.excess(share.at_least, width);
            conditions.push(Condition { normal, is_equality: true, sign_of: None });
        }
        Self { width, conditions }
    }

    /// Whether coefficients keep all conditions, up to a distance.
    pub(crate) fn contains(&self, coefficients: &[f64], tolerance: f64) -> bool {
        self.conditions.iter().all(|condition| {
            let value = dot(&condition.normal, coefficients);
            value >= -tolerance && (!condition.is_equality || value <= tolerance)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::{Cone, ShareBound, ShareOrder, Shares};

    #[test]
    fn shares_are_bounds_of_the_sum() {
        let share = |members: &[usize], at_least, at_most| ShareBound {
            members: members.to_vec(),
            at_least,
            at_most,
        };
        let cone = Cone::new(3, &[share(&[0, 1], 0.5, 0.8), share(&[2], 0.2, 0.2)]);
        assert!(cone.contains(&[3.0, 5.0, 2.0], 1e-12));
        assert!(!cone.contains(&[3.0, 4.0, 3.0], 1e-12), "the fixed share");
        assert!(!cone.contains(&[-1.0, 9.0, 2.0], 1e-12), "a sign");
        assert!(!cone.contains(&[-4.0, -4.0, -2.0], 1e-12), "the sum of all");
        let cone = Cone::new(2, &[share(&[0], 0.3, 0.6)]);
        assert!(cone.contains(&[0.4, 0.6], 0.0) && cone.contains(&[0.0, 0.0], 0.0));
        assert!(!cone.contains(&[0.2, 0.8], 1e-12) && !cone.contains(&[0.7, 0.3], 1e-12));
    }

    #[test]
    fn an_order_compares_sums_and_a_fixed_share_replaces_a_bound() {
        let order = ShareOrder { larger: vec![0, 1], smaller: vec![2] };
        let bounds = vec![ShareBound { members: vec![2], at_least: 0.4, at_most: 1.0 }];
        let shares = Shares { bounds, orders: vec![order] };
        let cone = shares.cone(3);
        assert!(cone.contains(&[3.0, 2.0, 5.0], 1e-12));
        assert!(!cone.contains(&[2.0, 2.0, 5.0], 1e-12), "the order");
        assert!(!cone.contains(&[4.0, 4.0, 1.0], 1e-12), "the bound");
        let fixed = shares.with_fixed(2, 0.1).cone(3);
        assert!(fixed.contains(&[4.0, 5.0, 1.0], 1e-12) && !fixed.contains(&[3.0, 2.0, 5.0], 1e-9));
        assert!(
            fixed.conditions.iter().skip_while(|own| !own.is_equality).all(|own| own.is_equality)
        );
    }
}
