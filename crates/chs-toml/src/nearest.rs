//! The known word that a misspelt one most likely meant.

/// The candidate nearest to `word`, or none if all are too far to be meant.
///
/// Distance is Damerau-Levenshtein without regard to case; at most a third of the letters (at least
/// one, two from five letters on) may differ. Ties go to the earlier candidate.
pub fn nearest<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let lower = word.to_lowercase();
    let length = lower.chars().count();
    let allowed = if length < 3 { 1 } else { (length / 3).max(if length < 5 { 1 } else { 2 }) };
    candidates
        .into_iter()
        .map(|candidate| {
            (strsim::damerau_levenshtein(&lower, &candidate.to_lowercase()), candidate)
        })
        .filter(|(distance, _)| *distance <= allowed)
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, candidate)| candidate)
}

#[cfg(test)]
mod tests {
    use super::nearest;

    #[test]
    fn finds_the_word_that_was_meant() {
        let keys = ["path", "id", "at", "created", "superseded"];
        assert_eq!(nearest("craeted", keys), Some("created"));
        assert_eq!(nearest("Path", keys), Some("path"));
        assert_eq!(nearest("ids", keys), Some("id"));
        assert_eq!(nearest("zebra", keys), None);
    }
}
