//! chs-fit
