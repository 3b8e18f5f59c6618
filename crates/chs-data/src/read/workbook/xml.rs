//! The elements of a part, one after the other.

use std::io::{BufReader, Read};

use quick_xml::XmlVersion;
use quick_xml::events::{BytesStart, Event};
use quick_xml::reader::Reader;

use super::ReadProblem;

/// A part that is read from its start to its end.
pub(super) struct Xml<'a> {
    reader: Reader<BufReader<Box<dyn Read + 'a>>>,
    buffer: Vec<u8>,
}

/// What comes next in a part; an element without content opens and closes.
pub(super) enum Step<'a> {
    Open(Element<'a>),
    Close(String),
    Text(String),
}

/// The start of an element.
pub(super) struct Element<'a>(BytesStart<'a>);

impl<'a> Xml<'a> {
    pub(super) fn new(part: Box<dyn Read + 'a>) -> Xml<'a> {
        let mut reader = Reader::from_reader(BufReader::with_capacity(1 << 16, part));
        reader.config_mut().expand_empty_elements = true;
        Xml { reader, buffer: Vec::new() }
    }

    /// `None` after the last.
    pub(super) fn next(&mut self) -> Result<Option<Step<'_>>, ReadProblem> {
        self.buffer.clear();
        let event = self.reader.read_event_into(&mut self.buffer).map_err(damaged)?;
        Ok(Some(match event {
            Event::Start(element) => Step::Open(Element(element)),
            Event::End(element) => Step::Close(element.local_name().into_inner().to_owned()),
            Event::Text(text) => Step::Text(text.xml10_content().into_owned()),
            Event::CData(text) => Step::Text(text.xml10_content().into_owned()),
            Event::GeneralRef(name) => {
                Step::Text(match name.resolve_char_ref().map_err(damaged)? {
                    Some(character) => character.to_string(),
                    None => quick_xml::escape::resolve_predefined_entity(&name.xml10_content())
                        .ok_or_else(|| damaged("it holds an unknown entity"))?
                        .to_owned(),
                })
            }
            Event::Eof => return Ok(None),
            // Comments, instructions and the like.
            _ => Step::Text(String::new()),
        }))
    }
}

impl Element<'_> {
    /// Its name without prefix.
    pub(super) fn name(&self) -> &str {
        self.0.local_name().into_inner()
    }

    /// An attribute by its name, prefix included.
    pub(super) fn attribute(&self, name: &str) -> Result<Option<String>, ReadProblem> {
        let Some(attribute) = self.0.try_get_attribute(name).map_err(damaged)? else {
            return Ok(None);
        };
        let value = attribute.normalized_value(XmlVersion::Implicit1_0).map_err(damaged)?;
        Ok(Some(value.into_owned()))
    }
}

/// A workbook that cannot be read.
pub(super) fn damaged(error: impl std::fmt::Display) -> ReadProblem {
    ReadProblem::Workbook { detail: error.to_string() }
}
