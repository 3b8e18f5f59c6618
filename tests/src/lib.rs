//! What crosses crates: corpora, laws, oracles and the command line from end to end.

#[cfg(test)]
mod corpus;

#[cfg(test)]
mod backtest_laws;
#[cfg(test)]
mod cli_findings;
#[cfg(test)]
mod cli_fit;
#[cfg(test)]
mod cli_messages;
#[cfg(test)]
mod cli_model;
#[cfg(test)]
mod cli_project;
#[cfg(test)]
mod cli_runs;
#[cfg(test)]
mod data_as_written;
#[cfg(test)]
mod fit_laws;
#[cfg(test)]
mod fit_questions;
#[cfg(test)]
mod indicator_verbs;
#[cfg(test)]
mod inputs;
#[cfg(test)]
mod label_files;
#[cfg(test)]
mod load_laws;
#[cfg(test)]
mod load_rejects;
#[cfg(test)]
mod model_digits;
#[cfg(test)]
mod oracles_fit;
#[cfg(test)]
mod oracles_intervals;
#[cfg(test)]
mod project_corpus;
#[cfg(test)]
mod ready_panel;
#[cfg(test)]
mod recipes;
#[cfg(test)]
mod rejects_page;
#[cfg(test)]
mod replay_laws;
#[cfg(test)]
mod replay_oracle;
#[cfg(test)]
mod same_bits;
#[cfg(test)]
mod scorecard_corpus;
#[cfg(test)]
mod scoring_corpus;
#[cfg(test)]
mod tidy;
#[cfg(test)]
mod truth_rates;
#[cfg(test)]
mod weight_recovery;
