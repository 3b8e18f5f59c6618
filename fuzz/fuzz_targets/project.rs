//! Any text is a project file or a list of mistakes, each with a place in the text.

#![no_main]

use chs_data::read_project;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    match read_project("chs.toml", text) {
        Ok(project) => assert_eq!(project.text(), text),
        Err(mistakes) => {
            assert!(!mistakes.list.is_empty());
            let mut last = 0;
            for mistake in &mistakes.list {
                let span = &mistake.span;
                assert!(last <= span.start, "mistakes stand in the order of the file");
                assert!(text.get(span.clone()).is_some(), "{span:?} is a place of the file");
                last = span.start;
            }
            assert!(!mistakes.to_string().is_empty());
        }
    }
});
