//! From the bytes on the disk to UTF-8 text: hashing, unpacking, byte order mark, encoding.

use std::fmt::Write as _;
use std::fs::File;
use std::io::{self, Cursor, Read};
use std::path::{Path, PathBuf};

use encoding_rs::{Decoder, Encoding, UTF_8};
use sha2::{Digest, Sha256};

use super::ReadOptions;
use super::error::{ReadError, ReadProblem};
use super::format::{Format, Packing};

/// An open file that hashes and counts whatever is read of it.
pub(super) struct RawFile {
    path: PathBuf,
    file: File,
    hash: Sha256,
    bytes: u64,
}

impl RawFile {
    /// Opens a file; a folder and a file of no bytes are refused.
    pub(super) fn open(path: &Path) -> Result<RawFile, ReadError> {
        let refuse = |error: &io::Error| ReadError::io(path, error);
        let file = File::open(path).map_err(|error| refuse(&error))?;
        let metadata = file.metadata().map_err(|error| refuse(&error))?;
        if metadata.is_dir() {
            return Err(ReadError::new(path, ReadProblem::Folder));
        }
        if metadata.is_file() && metadata.len() == 0 {
            return Err(ReadError::new(path, ReadProblem::Empty { expected: "one byte" }));
        }
        Ok(RawFile { path: path.into(), file, hash: Sha256::new(), bytes: 0 })
    }

    /// Reads what is left; SHA-256 in hexadecimal and size of the file.
    pub(super) fn finish(mut self) -> Result<(String, u64), ReadError> {
        io::copy(&mut self, &mut io::sink()).map_err(|error| ReadError::io(&self.path, &error))?;
        Ok((hexadecimal(&self.hash.finalize()), self.bytes))
    }
}

impl Read for RawFile {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let count = self.file.read(out)?;
        self.hash.update(&out[..count]);
        self.bytes += count as u64;
        Ok(count)
    }
}

/// Bytes in lower-case hexadecimal.
pub(super) fn hexadecimal(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(2 * bytes.len());
    for byte in bytes {
        // Writing to a String cannot fail.
        let _ = write!(text, "{byte:02x}");
    }
    text
}

/// The text of a file: unpacked, without byte order mark, as UTF-8.
///
/// A byte order mark decides the encoding before the declared one does. Declared UTF-8 is passed on as
/// it is, valid or not; of any other encoding what is not valid comes as U+FFFD.
pub(super) fn text<'a>(
    raw: &'a mut RawFile,
    format: Format,
    options: &ReadOptions,
) -> Result<Box<dyn Read + 'a>, ReadError> {
    let path = raw.path.clone();
    let mut plain = unpacked(raw, format.packing)?;
    let head = head_of(&mut plain, 3).map_err(|error| ReadError::io(&path, &error))?;
    let (encoding, mark) = Encoding::for_bom(&head).unwrap_or((options.encoding, 0));
    let rest = Cursor::new(head.get(mark..).unwrap_or_default().to_vec()).chain(plain);
    if encoding == UTF_8 { Ok(Box::new(rest)) } else { Ok(Box::new(Decoded::new(rest, encoding))) }
}

/// Up to `length` bytes from the start.
pub(super) fn head_of(source: &mut impl Read, length: u64) -> io::Result<Vec<u8>> {
    let mut head = Vec::new();
    source.take(length).read_to_end(&mut head)?;
    Ok(head)
}

fn unpacked(raw: &mut RawFile, packing: Packing) -> Result<Box<dyn Read + '_>, ReadError> {
    let (magic, expected): (&[u8], _) = match packing {
        Packing::Plain => return Ok(Box::new(raw)),
        Packing::Gzip => (&[0x1f, 0x8b], "gzip"),
        Packing::Zstd => (&[0x28, 0xb5, 0x2f, 0xfd], "zstd"),
    };
    let path = raw.path.clone();
    let head = head_of(raw, magic.len() as u64).map_err(|error| ReadError::io(&path, &error))?;
    if head != magic {
        return Err(ReadError::new(&path, ReadProblem::NotPacked { expected }));
    }
    let bytes = Cursor::new(head).chain(raw);
    if packing == Packing::Gzip {
        return Ok(Box::new(flate2::read::MultiGzDecoder::new(bytes)));
    }
    let decoder = zstd::Decoder::new(bytes).map_err(|error| ReadError::io(&path, &error))?;
    Ok(Box::new(decoder))
}

/// Text of another encoding, decoded as it is read.
struct Decoded<R> {
    source: R,
    decoder: Decoder,
    buffer: Vec<u8>,
    text: String,
    position: usize,
    ended: bool,
}

impl<R: Read> Decoded<R> {
    fn new(source: R, encoding: &'static Encoding) -> Self {
        Decoded {
            source,
            decoder: encoding.new_decoder_without_bom_handling(),
            buffer: vec![0; 1 << 16],
            text: String::new(),
            position: 0,
            ended: false,
        }
    }
}

impl<R: Read> Read for Decoded<R> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        while self.position == self.text.len() && !self.ended {
            let count = self.source.read(&mut self.buffer)?;
            self.ended = count == 0;
            self.text.clear();
            self.position = 0;
            self.text.reserve(self.decoder.max_utf8_buffer_length(count).unwrap_or_default());
            let bytes = &self.buffer[..count];
            // The reserve suffices for all of it, by contract of the decoder.
            let _ = self.decoder.decode_to_string(bytes, &mut self.text, self.ended);
        }
        let count = (&self.text.as_bytes()[self.position..]).read(out)?;
        self.position += count;
        Ok(count)
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use super::super::format::Kind;
    use super::*;

    fn read(bytes: &[u8], packing: Packing, options: &ReadOptions) -> Result<Vec<u8>, ReadError> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("file");
        std::fs::write(&path, bytes).unwrap();
        let mut raw = RawFile::open(&path)?;
        let mut out = Vec::new();
        let format = Format { kind: Kind::Csv, packing };
        text(&mut raw, format, options)?
            .read_to_end(&mut out)
            .map_err(|error| ReadError::io(&path, &error))?;
        Ok(out)
    }

    fn gzip(bytes: &[u8]) -> Vec<u8> {
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        encoder.write_all(bytes).unwrap();
        encoder.finish().unwrap()
    }

    #[test]
    fn packed_files_are_unpacked_members_and_all() {
        let options = ReadOptions::default();
        let members = [gzip(b"a,b\n"), gzip(b"1,2\n")].concat();
        assert_eq!(read(&members, Packing::Gzip, &options).unwrap(), b"a,b\n1,2\n");
        let frame = zstd::encode_all(&b"a,b\n"[..], 1).unwrap();
        assert_eq!(read(&frame, Packing::Zstd, &options).unwrap(), b"a,b\n");
    }

    #[test]
    fn packed_files_that_are_not_are_refused() {
        let options = ReadOptions::default();
        let text = "line after line\n".repeat(999);
        let zstd = zstd::encode_all(text.as_bytes(), 1).unwrap();
        for (packing, packed) in [(Packing::Gzip, gzip(text.as_bytes())), (Packing::Zstd, zstd)] {
            let error = read(b"a,b\n1,2\n", packing, &options).unwrap_err();
            assert!(matches!(error.problem, ReadProblem::NotPacked { .. }), "{error}");
            assert!(error.remedy().contains("rename"));
            let error = read(&packed[..packed.len() - 20], packing, &options).unwrap_err();
            assert!(matches!(error.problem, ReadProblem::CutOff { .. }), "{error}");
            assert!(error.remedy().contains("wait"));
        }
    }

    #[test]
    fn the_mark_goes_and_decides_the_encoding() {
        let options = ReadOptions { encoding: encoding_rs::WINDOWS_1252, ..Default::default() };
        let check = |bytes: &[u8], expected: &str| {
            assert_eq!(read(bytes, Packing::Plain, &options).unwrap(), expected.as_bytes());
        };
        check(b"\xef\xbb\xbf\xc3\xa4", "ä");
        check(b"\xff\xfe\xe4\x00a\x00", "äa");
        check(b"\xe4a", "äa");
        check(b"a", "a");
        let long = vec![0xe4; 200_000];
        check(&long, &"ä".repeat(200_000));
        let declared = ReadOptions::default();
        assert_eq!(read(b"\xe4a", Packing::Plain, &declared).unwrap(), b"\xe4a");
    }

    #[test]
    fn the_hash_is_that_of_the_file_however_much_was_read() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("file");
        std::fs::write(&path, "abc").unwrap();
        let expected = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
        for length in [0, 2, 9] {
            let mut raw = RawFile::open(&path).unwrap();
            head_of(&mut raw, length).unwrap();
            assert_eq!(raw.finish().unwrap(), (expected.to_owned(), 3));
        }
    }

    #[test]
    fn folders_empty_and_absent_files_are_refused() {
        let folder = tempfile::tempdir().unwrap();
        let problem = |path: &Path| RawFile::open(path).err().unwrap().problem;
        assert!(matches!(problem(folder.path()), ReadProblem::Folder));
        assert!(matches!(problem(&folder.path().join("x")), ReadProblem::NotFound { .. }));
        std::fs::write(folder.path().join("y"), "").unwrap();
        assert!(matches!(problem(&folder.path().join("y")), ReadProblem::Empty { .. }));
    }
}
