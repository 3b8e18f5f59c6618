//! chs-data
