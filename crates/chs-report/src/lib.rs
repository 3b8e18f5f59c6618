//! chs-report
