//! Any text is an expression or a mistake with its place; any cells give a finite number or none.
//!
//! Input: the expression, then, each after a zero byte, the cells of its names: eight bytes are a number,
//! others a text, nothing is null.

#![no_main]

use chs_data::{Cell, Expression, Kind};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let mut parts = bytes.split(|byte| *byte == 0);
    let Some(Ok(text)) = parts.next().map(std::str::from_utf8) else { return };
    let cells: Vec<Cell<'_>> = parts.map(cell).collect();
    let expression = match Expression::parse(text) {
        Ok(expression) => expression,
        Err(mistake) => {
            assert!(text.is_char_boundary(mistake.position), "{mistake:?}");
            assert!(!mistake.message.is_empty());
            return;
        }
    };
    for name in expression.names() {
        assert!(text.is_char_boundary(expression.name_position(name)));
    }
    let value = |index: usize| cells.get(index).copied().unwrap_or(Cell::Null);
    let number = expression.number(&value);
    let is_true = expression.is_true(&value);
    assert!(number.is_none_or(f64::is_finite));
    assert_eq!(number.map(f64::to_bits), expression.number(&value).map(f64::to_bits));
    match expression.kind() {
        Kind::Number => assert!(!is_true),
        Kind::Text => assert!(number.is_none() && !is_true),
        Kind::Truth => assert!(number.is_none()),
        Kind::Any => {}
    }
});

fn cell(bytes: &[u8]) -> Cell<'_> {
    if bytes.is_empty() {
        return Cell::Null;
    }
    match (<[u8; 8]>::try_from(bytes), std::str::from_utf8(bytes)) {
        (Ok(number), _) => Cell::Number(f64::from_le_bytes(number)),
        (_, Ok(text)) => Cell::Text(text),
        _ => Cell::Null,
    }
}
