//! chs-stats
