//! Small curves of shares, a sign per step of time.

/// Eight heights; a share of 0 has the lowest.
const BLOCKS: [char; 8] = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];
/// The same for terminals without them.
const ASCII: [char; 8] = ['_', '.', ':', '-', '=', '+', '*', '#'];

/// Which signs a curve is drawn with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Signs {
    /// Unicode block elements.
    Blocks,
    /// ASCII.
    Ascii,
}

impl Signs {
    /// Blocks where the locale is one of UTF-8: the first that is set of `LC_ALL`, `LC_CTYPE`, `LANG`.
    pub(crate) fn of_locale() -> Self {
        let set = |name: &&str| std::env::var(name).ok().filter(|value| !value.is_empty());
        let locale = ["LC_ALL", "LC_CTYPE", "LANG"].iter().find_map(set).unwrap_or_default();
        let locale = locale.to_ascii_lowercase();
        let is_utf8 = locale.ends_with("utf-8") || locale.ends_with("utf8");
        if is_utf8 || cfg!(windows) { Self::Blocks } else { Self::Ascii }
    }
}

/// Shares from 0 to 1 as at most `width` signs, each the mean of as many shares as stand next to each
/// other; a blank where there is none.
pub(crate) fn sparkline(shares: &[Option<f64>], width: usize, signs: Signs) -> String {
    let heights = match signs {
        Signs::Blocks => BLOCKS,
        Signs::Ascii => ASCII,
    };
    let columns = shares.len().min(width);
    let sign = |column: usize| {
        let part = &shares[column * shares.len() / columns..(column + 1) * shares.len() / columns];
        let present: Vec<f64> = part.iter().flatten().copied().collect();
        if present.is_empty() {
            return ' ';
        }
        let mean = present.iter().sum::<f64>() / present.len() as f64;
        let height = (0..7).take_while(|height| mean * 7.0 >= f64::from(*height) + 0.5).count();
        heights[height]
    };
    (0..columns).map(sign).collect()
}

#[cfg(test)]
mod tests {
    use super::{Signs, sparkline};

    #[test]
    fn a_curve_has_a_sign_per_step() {
        let shares = [None, Some(0.0), Some(0.5), Some(1.0)];
        assert_eq!(sparkline(&shares, 8, Signs::Blocks), " ▁▅█");
        assert_eq!(sparkline(&shares, 8, Signs::Ascii), " _=#");
        assert_eq!(sparkline(&[], 8, Signs::Ascii), "");
    }

    #[test]
    fn long_curves_are_drawn_by_means() {
        let shares: Vec<Option<f64>> = (0..10).map(|step| Some(f64::from(step % 2))).collect();
        assert_eq!(sparkline(&shares, 5, Signs::Blocks), "▅▅▅▅▅");
        assert_eq!(sparkline(&shares, 3, Signs::Blocks).chars().count(), 3);
    }
}
