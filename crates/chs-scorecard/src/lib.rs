//! chs-scorecard
