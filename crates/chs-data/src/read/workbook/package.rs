//! The zip archive that a workbook is: parts by name, and how they hang together.

use std::collections::BTreeMap;
use std::io::Read;

use rawzip::{CompressionMethod, ZipArchive, ZipArchiveEntryWayfinder, ZipSliceArchive};

use super::ReadProblem;
use super::xml::{Step, Xml, damaged};

/// The start of a zip archive.
const ZIP: &[u8] = b"PK";
/// The start of what Office packed files in before, and packs those with a password in today.
const COMPOUND: &[u8] = &[0xd0, 0xcf, 0x11, 0xe0];

/// The parts of a workbook.
pub(super) struct Package<'a> {
    archive: ZipSliceArchive<&'a [u8]>,
    parts: BTreeMap<String, (ZipArchiveEntryWayfinder, CompressionMethod)>,
}

/// A part that another one names.
pub(super) struct Related {
    /// How the other one calls it.
    pub(super) id: String,
    /// A URI that says what it is.
    pub(super) kind: String,
    /// Its name.
    pub(super) target: String,
}

impl<'a> Package<'a> {
    pub(super) fn open(bytes: &'a [u8]) -> Result<Package<'a>, ReadProblem> {
        if bytes.starts_with(COMPOUND) {
            return Err(ReadProblem::OldWorkbook);
        }
        if !bytes.starts_with(ZIP) {
            return Err(ReadProblem::NotWorkbook);
        }
        let expected = "the directory of the zip archive at its end";
        let archive =
            ZipArchive::from_slice(bytes).map_err(|_| ReadProblem::CutOff { expected })?;
        let mut parts = BTreeMap::new();
        let mut entries = archive.entries();
        while let Some(entry) = entries.next_entry().map_err(damaged)? {
            let path = entry.file_path();
            let name = String::from_utf8_lossy(path.as_ref()).to_lowercase();
            parts.insert(name, (entry.wayfinder(), entry.compression_method()));
        }
        Ok(Package { archive, parts })
    }

    /// A part that has to be there.
    pub(super) fn require(&self, name: &str) -> Result<Xml<'a>, ReadProblem> {
        self.part(name)?.ok_or_else(|| damaged(format!("it lacks the part `{name}`")))
    }

    /// The part of the workbook itself.
    pub(super) fn workbook(&self) -> Result<String, ReadProblem> {
        let related = self.related("")?;
        related
            .into_iter()
            .find(|part| part.kind.ends_with("/officeDocument"))
            .map(|part| part.target)
            .ok_or(ReadProblem::NotWorkbook)
    }

    /// The parts that a part names; the whole package is the part without a name.
    pub(super) fn related(&self, part: &str) -> Result<Vec<Related>, ReadProblem> {
        let (folder, file) = part.rsplit_once('/').unwrap_or(("", part));
        let folder = if folder.is_empty() { String::new() } else { format!("{folder}/") };
        let mut found = Vec::new();
        let Some(mut xml) = self.part(&format!("{folder}_rels/{file}.rels"))? else {
            return Ok(found);
        };
        while let Some(step) = xml.next()? {
            let Step::Open(element) = step else { continue };
            if element.name() != "Relationship" {
                continue;
            }
            let [id, kind, target] = ["Id", "Type", "Target"].map(|name| element.attribute(name));
            let target = target?.unwrap_or_default();
            let target = match target.strip_prefix('/') {
                Some(whole) => whole.to_owned(),
                None => format!("{folder}{target}"),
            };
            let (id, kind) = (id?.unwrap_or_default(), kind?.unwrap_or_default());
            found.push(Related { id, kind, target });
        }
        Ok(found)
    }

    fn part(&self, name: &str) -> Result<Option<Xml<'a>>, ReadProblem> {
        let Some((wayfinder, method)) = self.parts.get(&name.to_lowercase()) else {
            return Ok(None);
        };
        let bytes: &'a [u8] = self.archive.get_ref();
        let entry = self.archive.get_entry(*wayfinder).map_err(damaged)?;
        let (start, end) = entry.compressed_data_range();
        let range = usize::try_from(start).ok().zip(usize::try_from(end).ok());
        let packed = range
            .and_then(|(start, end)| bytes.get(start..end))
            .ok_or_else(|| damaged("a part lies beyond its end"))?;
        let part: Box<dyn Read + 'a> = match *method {
            CompressionMethod::STORE => Box::new(packed),
            CompressionMethod::DEFLATE => Box::new(flate2::bufread::DeflateDecoder::new(packed)),
            _ => return Err(damaged("it is packed in an unknown way")),
        };
        // Cut or changed bytes end the part in an error.
        Ok(Some(Xml::new(Box::new(entry.verifying_reader(part)))))
    }
}
