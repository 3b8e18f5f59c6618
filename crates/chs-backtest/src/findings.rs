//! The rules by which a backtest concludes, each with its page.

use chs_panel::Rule;

/// All rules, ascending by code.
pub static RULES: &[Rule] = &[
    Rule {
        code: "CHS201",
        name: "too few events",
        section: "sufficiency",
        page: include_str!("../findings/CHS201.md"),
    },
    Rule {
        code: "CHS202",
        name: "score tells outcomes apart",
        section: "discrimination",
        page: include_str!("../findings/CHS202.md"),
    },
    Rule {
        code: "CHS203",
        name: "score points the wrong way",
        section: "discrimination",
        page: include_str!("../findings/CHS203.md"),
    },
    Rule {
        code: "CHS204",
        name: "bands not monotone",
        section: "bands",
        page: include_str!("../findings/CHS204.md"),
    },
    Rule {
        code: "CHS205",
        name: "no better than recency or tenure",
        section: "baselines",
        page: include_str!("../findings/CHS205.md"),
    },
    Rule {
        code: "CHS206",
        name: "no better than equal weights",
        section: "baselines",
        page: include_str!("../findings/CHS206.md"),
    },
    Rule {
        code: "CHS207",
        name: "probability miscalibrated",
        section: "calibration",
        page: include_str!("../findings/CHS207.md"),
    },
    Rule {
        code: "CHS208",
        name: "lift at the alert end is low",
        section: "bands",
        page: include_str!("../findings/CHS208.md"),
    },
    Rule {
        code: "CHS209",
        name: "shuffled labels not at chance",
        section: "baselines",
        page: include_str!("../findings/CHS209.md"),
    },
    Rule {
        code: "CHS210",
        name: "recorded score against the scorecard",
        section: "comparison",
        page: include_str!("../findings/CHS210.md"),
    },
    Rule {
        code: "CHS211",
        name: "score covers too little",
        section: "coverage",
        page: include_str!("../findings/CHS211.md"),
    },
    Rule {
        code: "CHS212",
        name: "score ranks unlike across segments",
        section: "segments",
        page: include_str!("../findings/CHS212.md"),
    },
    Rule {
        code: "CHS213",
        name: "intervals rest on few accounts",
        section: "sufficiency",
        page: include_str!("../findings/CHS213.md"),
    },
    Rule {
        code: "CHS214",
        name: "no time",
        section: "sufficiency",
        page: include_str!("../findings/CHS214.md"),
    },
    Rule {
        code: "CHS215",
        name: "model tested on its own training data",
        section: "comparison",
        page: include_str!("../findings/CHS215.md"),
    },
    Rule {
        code: "CHS216",
        name: "lost accounts scored no lower before",
        section: "renewal_anchored",
        page: include_str!("../findings/CHS216.md"),
    },
    Rule {
        code: "CHS217",
        name: "lost accounts were healthy",
        section: "misses",
        page: include_str!("../findings/CHS217.md"),
    },
    Rule {
        code: "CHS218",
        name: "alerts that stayed",
        section: "misses",
        page: include_str!("../findings/CHS218.md"),
    },
    Rule {
        code: "CHS219",
        name: "alert comes late or never",
        section: "warning_time",
        page: include_str!("../findings/CHS219.md"),
    },
    Rule {
        code: "CHS220",
        name: "bands flap",
        section: "bands",
        page: include_str!("../findings/CHS220.md"),
    },
    Rule {
        code: "CHS221",
        name: "alerts of little use",
        section: "alerts",
        page: include_str!("../findings/CHS221.md"),
    },
    Rule {
        code: "CHS222",
        name: "what moved the mean score",
        section: "portfolio",
        page: include_str!("../findings/CHS222.md"),
    },
    Rule {
        code: "CHS223",
        name: "health and the next renewals",
        section: "portfolio",
        page: include_str!("../findings/CHS223.md"),
    },
    Rule {
        code: "CHS224",
        name: "revenue forecast",
        section: "portfolio",
        page: include_str!("../findings/CHS224.md"),
    },
    Rule {
        code: "CHS225",
        name: "interventions",
        section: "interventions",
        page: include_str!("../findings/CHS225.md"),
    },
    Rule {
        code: "CHS226",
        name: "another score moves bands",
        section: "shipping",
        page: include_str!("../findings/CHS226.md"),
    },
    Rule {
        code: "CHS230",
        name: "indicators alone",
        section: "signals",
        page: include_str!("../findings/CHS230.md"),
    },
    Rule {
        code: "CHS231",
        name: "weight against the outcomes",
        section: "signals",
        page: include_str!("../findings/CHS231.md"),
    },
    Rule {
        code: "CHS232",
        name: "weight without support",
        section: "signals",
        page: include_str!("../findings/CHS232.md"),
    },
    Rule {
        code: "CHS233",
        name: "redundant weight",
        section: "signals",
        page: include_str!("../findings/CHS233.md"),
    },
    Rule {
        code: "CHS234",
        name: "trends beside levels",
        section: "signals",
        page: include_str!("../findings/CHS234.md"),
    },
    Rule {
        code: "CHS235",
        name: "score leans on leak suspects",
        section: "signals",
        page: include_str!("../findings/CHS235.md"),
    },
    Rule {
        code: "CHS236",
        name: "same score, another rate",
        section: "segments",
        page: include_str!("../findings/CHS236.md"),
    },
    Rule {
        code: "CHS237",
        name: "probabilities off on average",
        section: "calibration",
        page: include_str!("../findings/CHS237.md"),
    },
    Rule {
        code: "CHS238",
        name: "population moved",
        section: "drift",
        page: include_str!("../findings/CHS238.md"),
    },
    Rule {
        code: "CHS239",
        name: "ranking decays",
        section: "drift",
        page: include_str!("../findings/CHS239.md"),
    },
    Rule {
        code: "CHS240",
        name: "missing policy decides",
        section: "sensitivity",
        page: include_str!("../findings/CHS240.md"),
    },
    Rule {
        code: "CHS241",
        name: "old values decide",
        section: "sensitivity",
        page: include_str!("../findings/CHS241.md"),
    },
    Rule {
        code: "CHS242",
        name: "thin rows rank worse",
        section: "sensitivity",
        page: include_str!("../findings/CHS242.md"),
    },
    Rule {
        code: "CHS243",
        name: "edge and costs",
        section: "decision",
        page: include_str!("../findings/CHS243.md"),
    },
    Rule {
        code: "CHS244",
        name: "another score out of time",
        section: "comparison",
        page: include_str!("../findings/CHS244.md"),
    },
    Rule {
        code: "CHS245",
        name: "worth of acting",
        section: "decision",
        page: include_str!("../findings/CHS245.md"),
    },
];

/// The rule with this code, such as `CHS204`.
pub fn rule(code: &str) -> Option<&'static Rule> {
    RULES.iter().find(|rule| rule.code == code)
}

#[cfg(test)]
mod tests {
    use super::{RULES, rule};

    #[test]
    fn every_rule_has_its_page() {
        assert!(RULES.is_sorted_by(|a, b| a.code < b.code));
        for known in RULES {
            assert!(known.page.starts_with(&format!("# {} {}\n", known.code, known.name)));
            for heading in ["## How it is found", "## Why it matters", "## What to do"] {
                assert!(known.page.contains(heading), "{} {heading}", known.code);
            }
            assert_eq!(rule(known.code), Some(known));
        }
        assert_eq!(rule("CHS999"), None);
    }
}
