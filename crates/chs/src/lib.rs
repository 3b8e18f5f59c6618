//! chs
