//! Events as JSON lines: what a program reads, and what the tests of the other displays replay.

use crate::event::Record;

/// A record as one line without its end.
#[must_use]
pub fn line(record: &Record) -> String {
    // A record holds texts and numbers only, which always have a JSON form.
    serde_json::to_string(record).unwrap_or_default()
}

/// The record of a line.
///
/// # Errors
/// When the line is none.
pub fn parse(line: &str) -> Result<Record, serde_json::Error> {
    serde_json::from_str(line)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::Event;

    #[test]
    fn a_line_is_read_back() {
        let record = Record { at: 7, event: Event::StepOutput { id: "b".into(), line: "a\n\"b\"".into() } };
        let text = line(&record);
        assert_eq!(text, r#"{"at":7,"event":"step_output","id":"b","line":"a\n\"b\""}"#);
        assert_eq!(parse(&text).unwrap(), record);
    }
}
