//! What `chs.toml` describes: a history, or a panel that is ready.

use super::{BacktestPlan, IgnoredFinding, Name, PanelProject, Project, TableOrigin};
use crate::read::Secret;

/// What a `chs.toml` describes.
#[derive(Clone, Debug)]
pub enum ProjectFile {
    /// A history, from which the panel is made.
    History(Project),
    /// A panel that is ready.
    Panel(PanelProject),
}

impl ProjectFile {
    /// Name of the file as the user knows it.
    pub fn file(&self) -> &str {
        match self {
            Self::History(project) => &project.file,
            Self::Panel(project) => &project.file,
        }
    }

    /// The text of the file.
    pub fn text(&self) -> &str {
        match self {
            Self::History(project) => &project.text,
            Self::Panel(project) => &project.text,
        }
    }

    /// Name of the project, empty where it has none.
    pub fn name(&self) -> &str {
        match self {
            Self::History(project) => &project.name,
            Self::Panel(project) => &project.name,
        }
    }

    /// IANA name of the civil time in which everything is compared.
    pub fn time_zone(&self) -> &str {
        match self {
            Self::History(project) => &project.time_zone,
            Self::Panel(project) => &project.time_zone,
        }
    }

    /// What a backtest is told beside the data.
    pub fn backtest(&self) -> &BacktestPlan {
        match self {
            Self::History(project) => &project.backtest,
            Self::Panel(project) => &project.backtest,
        }
    }

    /// Findings that are let be.
    pub fn ignored(&self) -> &[IgnoredFinding] {
        match self {
            Self::History(project) => &project.ignored,
            Self::Panel(project) => &project.ignored,
        }
    }

    /// Names of the indicators in declared order.
    pub fn indicators(&self) -> Vec<&str> {
        let names: Vec<&Name> = match self {
            Self::History(project) => {
                project.indicators.iter().map(|indicator| &indicator.name).collect()
            }
            Self::Panel(project) => project.indicators.iter().collect(),
        };
        names.into_iter().map(|name| name.value.as_str()).collect()
    }

    /// The history, where the file describes one.
    pub fn history(&self) -> Option<&Project> {
        match self {
            Self::History(project) => Some(project),
            Self::Panel(_) => None,
        }
    }

    /// Look up the secrets that queries name; one that is not found, or empty, stays unknown and stops the
    /// query later. They are written nowhere.
    pub fn take_secrets(&mut self, look_up: &dyn Fn(&str) -> Option<String>) {
        let tables = match self {
            Self::History(project) => project.file_tables_mut(),
            Self::Panel(project) => vec![&mut project.table],
        };
        for table in tables {
            if let TableOrigin::Query(query) = &mut table.origin {
                let found = look_up(&query.uri_env.value).filter(|text| !text.is_empty());
                query.uri = found.map(Secret::new);
            }
        }
    }
}
