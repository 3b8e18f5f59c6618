//! chs-backtest
