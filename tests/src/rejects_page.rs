//! `docs/rejects.md` is true: each of its examples is run, and gives what stands beside it.

use std::collections::BTreeMap;
use std::path::Path;

use chs_data::Reason;

use crate::cli_project::Project;

/// What keeps the examples running to their end.
const GO_ON: &str = "max_rejected = 1\n";

/// A part of the page: the blocks below a heading.
#[derive(Default)]
struct Section {
    title: String,
    /// Files by name, `rejects.csv` among them.
    files: BTreeMap<String, String>,
    /// The command, where it is not `chs check`.
    command: Option<String>,
    /// What chs says.
    said: String,
}

/// The head of the page, with the files of all, and its sections.
fn page() -> Vec<Section> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/rejects.md");
    let text = std::fs::read_to_string(path).unwrap();
    let mut sections = vec![Section::default()];
    let mut last = "";
    let mut lines = text.lines();
    while let Some(line) = lines.next() {
        if let Some(title) = line.strip_prefix("## ") {
            sections.push(Section { title: title.to_owned(), ..Section::default() });
        }
        if let Some(kind) = line.strip_prefix("```") {
            let inside = lines.by_ref().take_while(|line| *line != "```");
            let block: String = inside.flat_map(|line| [line, "\n"]).collect();
            let section = sections.last_mut().unwrap();
            match kind {
                "text" => section.said = block,
                "console" => section.command = block.strip_prefix("$ chs ").map(str::to_owned),
                _ => {
                    let name = last.trim_matches('`').to_owned();
                    assert!(section.files.insert(name, block).is_none(), "{last} twice");
                }
            }
        }
        if !line.is_empty() {
            last = line;
        }
    }
    sections
}

/// `\xfc` in a file of the page stands for that byte.
fn bytes(text: &str) -> Vec<u8> {
    let mut parts = text.split("\\x");
    let mut bytes: Vec<u8> = parts.next().unwrap().into();
    for part in parts {
        let (byte, rest) = part.split_at(2);
        bytes.push(u8::from_str_radix(byte, 16).unwrap());
        bytes.extend(rest.bytes());
    }
    bytes
}

/// The project of an example: the files of all, those of its own in their place.
fn project(common: &Section, own: &Section, limit: &str) -> Project {
    let project = Project::empty();
    for (name, text) in common.files.iter().chain(&own.files) {
        std::fs::write(project.path(name), bytes(&text.replace(GO_ON, limit))).unwrap();
    }
    std::fs::remove_file(project.path("rejects.csv")).unwrap_or_default();
    project
}

fn words(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[test]
fn each_example_is_rejected_as_the_page_says() {
    let sections = page();
    let (common, reasons) = sections.split_first().unwrap();
    let titles: Vec<&str> = reasons.iter().map(|section| section.title.as_str()).collect();
    assert_eq!(titles, Reason::ALL.map(Reason::as_str));
    for (section, reason) in reasons.iter().zip(Reason::ALL) {
        let title = &section.title;
        let arguments: Vec<&str> =
            section.command.as_deref().unwrap_or("check").split_whitespace().collect();
        let lenient = project(common, section, GO_ON);
        lenient.chs(&arguments);
        let rejects = lenient.read("chs-out/rejects.csv");
        if !reason.is_fault() {
            assert_eq!(rejects.lines().count(), 1, "{title}: {rejects}");
            let check = lenient.read("chs-out/check.json");
            assert!(check.contains(section.said.trim()), "{title}: {check}");
            continue;
        }
        assert_eq!(rejects, section.files["rejects.csv"], "{title}");
        let project = project(common, section, "");
        let panel: Vec<&str> = ["panel"].iter().chain(&arguments[1..]).copied().collect();
        let strict = project.expect(2, &panel);
        assert!(strict.errors().contains(&words(&section.said)), "{title}: {}", strict.stderr);
    }
}

#[test]
fn the_files_of_all_examples_reject_nothing() {
    let sections = page();
    let clean = project(&sections[0], &Section::default(), "");
    let said = clean.chs(&["check"]);
    assert_eq!(clean.read("chs-out/rejects.csv").lines().count(), 1, "{}", said.stderr);
}
